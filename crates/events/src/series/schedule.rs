//! The schedule of a series: the starts and the duration of its events.

use super::{
    Placed, Window,
    occurrence::{MAX_OCCURRENCES, Occurrence},
    place,
    rule::{End, OUT_OF_RANGE, Recurrence, in_range},
};
use chrono::{DateTime, Months, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use tryzore_kernel::{FieldError, FieldErrors};

/// The fields of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleFields {
    /// The zone of the local times; IANA name in JSON.
    pub zone: Tz,
    /// The rule that yields the local dates; RRULE text in JSON.
    pub rule: Recurrence,
    /// The first local date on which an event may be. It has an event only when the rule yields it.
    pub starts_on: NaiveDate,
    /// The local time of the starts, to the second.
    pub local_time: NaiveTime,
    /// The duration of an event in minutes, 1 to [`Schedule::MAX_MINUTES`] (EVT-01).
    pub duration_minutes: u16,
    /// Local dates that the rule yields and the series leaves out.
    #[serde(default)]
    pub exdates: BTreeSet<NaiveDate>,
}

/// The starts and the duration of the events of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ScheduleFields", into = "ScheduleFields")]
pub struct Schedule {
    fields: ScheduleFields,
}

impl Schedule {
    /// The longest duration of one event: a day.
    pub const MAX_MINUTES: u16 = 24 * 60;
    /// The highest number of dates that one series excludes.
    pub const MAX_EXDATES: usize = 1_000;
    /// The first date must be within this many years of `starts_on`, which is enough for a leap day.
    pub const MAX_WAIT_YEARS: u32 = 8;

    /// The schedule of `fields`; the error names every invalid field.
    pub fn try_new(mut fields: ScheduleFields) -> Result<Self, FieldErrors> {
        let mut errors = Vec::new();
        if !in_range(fields.starts_on) {
            errors.push(field("/starts_on", OUT_OF_RANGE));
        }
        if !(1..=Self::MAX_MINUTES).contains(&fields.duration_minutes) {
            errors.push(field("/duration_minutes", format!("expected 1 to {}", Self::MAX_MINUTES)));
        }
        if fields.exdates.len() > Self::MAX_EXDATES {
            errors.push(too_many_exdates());
        }
        if matches!(fields.rule.end(), End::Until(last) if last < fields.starts_on) {
            errors.push(field("/rule", "UNTIL: ends before the series starts"));
        }
        FieldErrors::check(errors)?;
        // Starts are to the second; a leap second (:60) becomes the second before it.
        fields.local_time = fields.local_time.with_nanosecond(0).unwrap_or(fields.local_time);
        let schedule = Self { fields };
        if schedule.first_date().is_none() {
            let Schedule { fields: ScheduleFields { rule, starts_on, .. } } = &schedule;
            return Err(FieldErrors::from(field("/rule", rule.why_no_date(*starts_on))));
        }
        Ok(schedule)
    }

    /// The starts on the dates of `window`, in order. At most [`MAX_OCCURRENCES`].
    #[must_use]
    pub fn occurrences(&self, window: Window) -> Vec<Occurrence> {
        self.dates(window.first(), window.last())
            .filter(|date| !self.fields.exdates.contains(date))
            .filter_map(|date| self.occurrence_on(date))
            .take(MAX_OCCURRENCES)
            .collect()
    }

    /// The starts after the instant `after`, on `days` local dates from the local date of `after` on.
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
        self.dates(today.pred_opt().unwrap_or(today), last_date())
            .filter(|date| !self.fields.exdates.contains(date))
            .filter_map(|date| self.occurrence_on(date))
            .filter(move |start| start.starts_at > after)
    }

    /// The start on the local date `date`, when it is one of the series.
    #[must_use]
    pub fn occurrence(&self, date: NaiveDate) -> Option<Occurrence> {
        self.occurrences(Window::day(date)).pop()
    }

    /// Whether the rule yields `date`, even if the date is excluded.
    #[must_use]
    pub fn falls_on(&self, date: NaiveDate) -> bool {
        self.dates(date, date).next().is_some()
    }

    /// The first local date that the rule yields, even if it is excluded.
    #[must_use]
    pub fn first_date(&self) -> Option<NaiveDate> {
        let start = self.fields.starts_on;
        self.dates(start, start.checked_add_months(Months::new(12 * Self::MAX_WAIT_YEARS))?).next()
    }

    /// The same schedule without the local date `date`.
    pub fn excluding(mut self, date: NaiveDate) -> Result<Self, FieldErrors> {
        self.leave_out(date)?;
        Ok(self)
    }

    /// The same schedule with `last` as its last possible date.
    pub fn ending_on(self, last: NaiveDate) -> Result<Self, FieldErrors> {
        let mut fields = self.fields;
        let ending = fields.rule.ending(End::Until(last));
        fields.rule = ending.map_err(|error| FieldErrors::from(field("/rule", error.to_string())))?;
        Self::try_new(fields)
    }

    /// The fields of the schedule.
    #[must_use]
    pub const fn fields(&self) -> &ScheduleFields {
        &self.fields
    }

    /// The zone of the local times.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.fields.zone
    }

    /// The duration of an event.
    #[must_use]
    pub fn duration(&self) -> TimeDelta {
        TimeDelta::minutes(self.fields.duration_minutes.into())
    }

    /// All dates that the rule yields, including excluded ones, for a rule that has to be counted from
    /// its start.
    pub(crate) fn counted_dates(&self) -> Option<HashSet<NaiveDate>> {
        let start = self.fields.starts_on;
        matches!(self.fields.rule.end(), End::Count(_)).then(|| self.dates(start, last_date()).collect())
    }

    /// Excludes `date`, if the limit allows one more.
    pub(crate) fn leave_out(&mut self, date: NaiveDate) -> Result<(), FieldErrors> {
        let exdates = &mut self.fields.exdates;
        if exdates.len() >= Self::MAX_EXDATES && !exdates.contains(&date) {
            return Err(FieldErrors::from(too_many_exdates()));
        }
        exdates.insert(date);
        Ok(())
    }

    /// No longer excludes `date`.
    pub(crate) fn include(&mut self, date: NaiveDate) {
        self.fields.exdates.remove(&date);
    }

    /// The start on `date` by the local time, whether or not the series has that date.
    pub(crate) fn occurrence_on(&self, date: NaiveDate) -> Option<Occurrence> {
        let Placed { at, note } = place(self.fields.zone, date.and_time(self.fields.local_time))?;
        Some(Occurrence { local_date: date, starts_at: at, note })
    }

    /// The dates of the rule from `first` to `last`, including excluded ones: rising, and finite
    /// because the years are limited.
    fn dates(&self, first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        self.fields.rule.dates(self.fields.starts_on, first, last.min(last_date()))
    }
}

impl TryFrom<ScheduleFields> for Schedule {
    type Error = FieldErrors;

    fn try_from(fields: ScheduleFields) -> Result<Self, FieldErrors> {
        Self::try_new(fields)
    }
}

impl From<Schedule> for ScheduleFields {
    fn from(schedule: Schedule) -> Self {
        schedule.fields
    }
}

fn field(pointer: &str, detail: impl Into<String>) -> FieldError {
    FieldError { pointer: pointer.into(), detail: detail.into() }
}

fn too_many_exdates() -> FieldError {
    field("/exdates", format!("at most {} dates", Schedule::MAX_EXDATES))
}

/// The last date on which a series may lie.
fn last_date() -> NaiveDate {
    NaiveDate::from_ymd_opt(*Recurrence::YEARS.end(), 12, 31).unwrap_or(NaiveDate::MAX)
}
