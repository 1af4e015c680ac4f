//! When the events of a series start, and how long they last.

use super::{
    Placed, Window,
    occurrence::{MAX_OCCURRENCES, Occurrence},
    place,
    rule::{End, Frequency, OUT_OF_RANGE, Recurrence, RuleError, RulePart, in_range},
};
use chrono::{DateTime, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use rrule::RRuleSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tryzore_kernel::{FieldError, Problem};

/// What a schedule is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleFields {
    /// The zone whose wall clock it follows; IANA name in JSON.
    pub zone: Tz,
    /// Which local dates; RRULE text in JSON.
    pub rule: Recurrence,
    /// No start is before this local date. It is itself a date of the series only when the rule
    /// says so.
    pub starts_on: NaiveDate,
    /// The start on the wall clock, to the second.
    pub local_time: NaiveTime,
    /// How long an event lasts in minutes, 1 to [`Schedule::MAX_MINUTES`] (EVT-01).
    pub duration_minutes: u16,
    /// Local dates that the rule yields and the series leaves out.
    #[serde(default)]
    pub exdates: BTreeSet<NaiveDate>,
}

/// When the events of a series start, and how long they last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ScheduleFields", into = "ScheduleFields")]
pub struct Schedule {
    fields: ScheduleFields,
    /// Boxed because it is four times as large as all else.
    expander: Box<rrule::RRule>,
}

/// Why fields make no schedule: each that is wrong, by its JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(|e| format!("{}: {}", e.pointer, e.detail)).collect::<Vec<_>>().join("; "))]
pub struct ScheduleError(pub Vec<FieldError>);

impl From<ScheduleError> for Problem {
    fn from(error: ScheduleError) -> Self {
        let mut errors = error.0.into_iter();
        let none = || Self::internal("refused without a field that does not hold");
        let first = errors.next().map_or_else(none, |e| Self::invalid(e.pointer, e.detail));
        errors.fold(first, |problem, e| problem.and_invalid(e.pointer, e.detail))
    }
}

impl Schedule {
    /// The longest that one event may last: a day.
    pub const MAX_MINUTES: u16 = 24 * 60;
    /// The most dates that one series leaves out.
    pub const MAX_EXDATES: usize = 1_000;

    /// The schedule of `fields`; every field that does not hold is named.
    pub fn try_new(mut fields: ScheduleFields) -> Result<Self, ScheduleError> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: &str, detail: &str| {
            errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        };
        if !in_range(fields.starts_on) {
            refuse("/starts_on", OUT_OF_RANGE);
        }
        if !(1..=Self::MAX_MINUTES).contains(&fields.duration_minutes) {
            refuse("/duration_minutes", &format!("expected 1 to {}", Self::MAX_MINUTES));
        }
        if fields.exdates.len() > Self::MAX_EXDATES {
            refuse("/exdates", &format!("at most {} dates", Self::MAX_EXDATES));
        }
        if matches!(fields.rule.end(), End::Until(last) if last < fields.starts_on) {
            refuse("/rule", "UNTIL: ends before the series starts");
        }
        if !errors.is_empty() {
            return Err(ScheduleError(errors));
        }
        // Finer than a second is no start; a leap second (:60) is the second before it.
        fields.local_time = fields.local_time.with_nanosecond(0).unwrap_or(fields.local_time);
        let in_rule = |error: RuleError| {
            ScheduleError(vec![FieldError { pointer: "/rule".into(), detail: error.to_string() }])
        };
        let expander = fields
            .rule
            .expander()
            .validate(start_of(fields.starts_on))
            .map_err(|error| in_rule(RuleError::new(RulePart::Rule, error.to_string())))?;
        let schedule = Self { fields, expander: Box::new(expander) };
        if schedule.first_date().is_none() {
            return Err(in_rule(RuleError::new(RulePart::Rule, "there is no date on which it falls")));
        }
        Ok(schedule)
    }

    /// The starts on the dates of `window`, in order. At most [`MAX_OCCURRENCES`].
    #[must_use]
    pub fn occurrences(&self, window: Window) -> Vec<Occurrence> {
        self.dates_from(window.first())
            .take_while(|date| *date <= window.last())
            .filter(|date| !self.fields.exdates.contains(date))
            .filter_map(|date| self.occurrence_on(date))
            .take(MAX_OCCURRENCES)
            .collect()
    }

    /// The starts after the instant `after`, on the `days` local dates that begin with its own.
    #[must_use]
    pub fn occurrences_after(&self, after: DateTime<Utc>, days: u16) -> Vec<Occurrence> {
        let mut starts = self.occurrences(Window::ahead(after, self.fields.zone, days));
        starts.retain(|start| start.starts_at > after);
        starts
    }

    /// The starts after the instant `after`, in order, to the end of the rule.
    pub fn upcoming(&self, after: DateTime<Utc>) -> impl Iterator<Item = Occurrence> {
        // A start that a gap moved past midnight belongs to the day before.
        let today = after.with_timezone(&self.fields.zone).date_naive();
        self.dates_from(today.pred_opt().unwrap_or(today))
            .filter(|date| !self.fields.exdates.contains(date))
            .filter_map(|date| self.occurrence_on(date))
            .filter(move |start| start.starts_at > after)
    }

    /// The start on the local date `date`, when it is one of the series.
    #[must_use]
    pub fn occurrence(&self, date: NaiveDate) -> Option<Occurrence> {
        self.occurrences(Window::day(date)).pop()
    }

    /// Whether the rule yields `date`, left out or not.
    #[must_use]
    pub fn falls_on(&self, date: NaiveDate) -> bool {
        self.dates_from(date).next() == Some(date)
    }

    /// The first local date that the rule yields, left out or not.
    #[must_use]
    pub fn first_date(&self) -> Option<NaiveDate> {
        self.dates_from(self.fields.starts_on).next()
    }

    /// The same schedule without the local date `date`.
    pub fn excluding(self, date: NaiveDate) -> Result<Self, ScheduleError> {
        let mut fields = self.fields;
        fields.exdates.insert(date);
        Self::try_new(fields)
    }

    /// The same schedule with `last` as its last possible date.
    pub fn ending_on(self, last: NaiveDate) -> Result<Self, ScheduleError> {
        let mut fields = self.fields;
        fields.rule = fields.rule.ending(End::Until(last)).map_err(|error| {
            ScheduleError(vec![FieldError { pointer: "/rule".into(), detail: error.to_string() }])
        })?;
        Self::try_new(fields)
    }

    /// What it is made from.
    #[must_use]
    pub const fn fields(&self) -> &ScheduleFields {
        &self.fields
    }

    /// The zone whose wall clock it follows.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.fields.zone
    }

    /// How long an event lasts.
    #[must_use]
    pub fn duration(&self) -> TimeDelta {
        TimeDelta::minutes(self.fields.duration_minutes.into())
    }

    /// Leaves `date` out no more, if it was left out.
    pub(crate) fn include(&mut self, date: NaiveDate) {
        self.fields.exdates.remove(&date);
    }

    /// The start on `date` by the wall clock, whether the series has that date or not.
    pub(crate) fn occurrence_on(&self, date: NaiveDate) -> Option<Occurrence> {
        let Placed { at, note } = place(self.fields.zone, date.and_time(self.fields.local_time))?;
        Some(Occurrence { local_date: date, starts_at: at, note })
    }

    /// The dates of the rule from `first` on, excluded ones too. Rising, and finite: the years end.
    fn dates_from(&self, first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let last = match self.fields.rule.end() {
            End::Until(last) => last,
            End::Never | End::Count(_) => NaiveDate::MAX,
        };
        RRuleSet::new(start_of(self.late_start(first)))
            .rrule((*self.expander).clone())
            .limit()
            .into_iter()
            .filter_map(|at| at.date_naive().checked_sub_months(ERA))
            .skip_while(move |date| *date < first)
            .take_while(move |date| in_range(*date) && *date <= last)
    }

    /// The last date not after `first` from which the rule can be expanded as from its start, so
    /// that an old daily class costs no more than a new one. Only days and weeks can be skipped
    /// in whole periods; months and years are few; a count needs all of its dates.
    fn late_start(&self, first: NaiveDate) -> NaiveDate {
        let (rule, start) = (&self.fields.rule, self.fields.starts_on);
        let days = match rule.frequency() {
            _ if matches!(rule.end(), End::Count(_)) => return start,
            Frequency::Daily => 1,
            Frequency::Weekly => 7,
            Frequency::Monthly | Frequency::Yearly => return start,
        };
        let period = days * i64::from(rule.interval());
        let skipped = (first - start).num_days().max(0) / period * period;
        start.checked_add_signed(TimeDelta::days(skipped)).filter(|date| in_range(*date)).unwrap_or(start)
    }
}

impl TryFrom<ScheduleFields> for Schedule {
    type Error = ScheduleError;

    fn try_from(fields: ScheduleFields) -> Result<Self, ScheduleError> {
        Self::try_new(fields)
    }
}

impl From<Schedule> for ScheduleFields {
    fn from(schedule: Schedule) -> Self {
        schedule.fields
    }
}

/// Nineteen times the 400 years after which the Gregorian calendar repeats, weekdays included.
///
/// The expanding crate looks for the next date up to the year 10,000, which takes long for a rule
/// that has none (the second of the fifth and the last Monday). Expanded 7,600 years later, where every date has
/// the same weekday and every year the same length, it gives up after four centuries at most.
const ERA: Months = Months::new(19 * 400 * 12);

/// A date for the expanding crate, which wants instants: midnight in UTC, where no clock changes.
fn start_of(date: NaiveDate) -> DateTime<rrule::Tz> {
    rrule::Tz::UTC.from_utc_datetime(&(date + ERA).and_time(NaiveTime::MIN))
}
