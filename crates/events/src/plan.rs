//! The events that a series puts on the schedule.
//!
//! The events of a series are stored as rows of their own, created up to eight weeks ahead; each has
//! the local date that identifies it in the series. So a single event can be changed, moved or called
//! off like any other event, and creating the events again duplicates none.

use crate::{
    BookingRules, Event, EventKind, Offer, UseCaseError,
    create_event::scheduled,
    event::SeriesDate,
    series::{End, Recurrence, Schedule, ScheduleFields, Series, Weekly, Window},
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use tryzore_kernel::SeriesId;

/// How many days ahead the events of a series are created.
pub const HORIZON_DAYS: u16 = 8 * 7;

/// A recurrence rule as the caller gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// The value of an RRULE line.
    Text(String),
    /// Weekly fields: the days of each nth week.
    Weekly(Weekly),
}

impl Rule {
    /// The rule of a series that starts at `local_time` in `zone`.
    ///
    /// # Errors
    /// An error for `/rule`, or for an invalid field of `/weekly`.
    pub fn resolve(self, zone: Tz, local_time: NaiveTime) -> Result<Recurrence, UseCaseError> {
        match self {
            Self::Text(text) => Recurrence::parse(&text, zone, local_time)
                .map_err(|error| UseCaseError::invalid("/rule", error.to_string())),
            Self::Weekly(weekly) => weekly.try_into().map_err(|error: crate::series::RuleError| {
                UseCaseError::invalid(format!("/weekly/{}", error.part.field()), error.detail)
            }),
        }
    }
}

/// A series with the offer of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesPlan {
    /// The organization, template and schedule of the series.
    pub series: Series,
    /// The kind of the events.
    pub kind: EventKind,
    /// The offer of the events; the schedule decides their duration.
    pub offer: Offer,
    /// Whether no more events are created.
    pub is_ended: bool,
    /// The local date up to which events were created.
    pub materialized_until: Option<NaiveDate>,
    /// The version, which rises with each change.
    pub version: i32,
}

impl SeriesPlan {
    /// The events to be created at `now`: up to [`HORIZON_DAYS`] ahead in the zone of the series and
    /// none in the past. Also returns the plan with the date up to which events are created.
    #[must_use]
    pub fn extend(mut self, rules: &BookingRules, now: DateTime<Utc>) -> (Self, Vec<Event>) {
        let ahead = Window::ahead(now, self.series.schedule.zone(), HORIZON_DAYS);
        let first = self.materialized_until.and_then(|until| until.succ_opt()).unwrap_or(ahead.first());
        let Ok(window) = Window::try_new(first.max(ahead.first()), ahead.last()) else {
            return (self, Vec::new());
        };
        if self.is_ended {
            return (self, Vec::new());
        }
        let starts =
            self.series.schedule.occurrences(window).into_iter().filter(|start| start.starts_at > now);
        let events = starts
            .map(|start| {
                let date = SeriesDate { series: self.series.id, on: start.local_date };
                let Series { organization, template, .. } = self.series;
                let rules = rules.clone();
                scheduled(
                    organization,
                    self.kind,
                    template,
                    Some(date),
                    &self.offer,
                    start.starts_at,
                    rules,
                    now,
                )
            })
            .collect();
        self.materialized_until = Some(window.last());
        self.is_ended = matches!(self.fields().rule.end(), End::Until(last) if last <= window.last());
        (self, events)
    }

    /// The plan without occurrences after `last`.
    ///
    /// # Errors
    /// [`UseCaseError::Invalid`] for a date on which no series can end.
    pub fn end(mut self, last: NaiveDate) -> Result<Self, UseCaseError> {
        if last < self.fields().starts_on {
            self.is_ended = true;
        } else if self.next_date(last + Days::new(1)).is_some() {
            self.series.schedule = self.series.schedule.ending_on(last)?;
        }
        self.is_ended |= self.materialized_until >= Some(last);
        self.version += 1;
        Ok(self)
    }

    /// Splits the plan in two: up to the day before `from`, if the series has a date there, and from
    /// then on with another offer and time of day. A new series gets the id `id`; when the series has
    /// no dates before `from`, the same series is changed instead.
    ///
    /// # Errors
    /// `/from` when the series has no date from then on; [`UseCaseError::Invalid`] when one of the
    /// parts is no valid schedule.
    pub fn split(
        self,
        from: NaiveDate,
        offer: Offer,
        local_time: NaiveTime,
        id: SeriesId,
    ) -> Result<(Option<Self>, Self), UseCaseError> {
        let next = self
            .next_date(from)
            .ok_or_else(|| UseCaseError::invalid("/from", "the series has no date from then on"))?;
        let before = self.dates_before(next);
        let mut fields = self.fields().clone();
        (fields.local_time, fields.duration_minutes) = (local_time, offer.duration_minutes);
        if before == 0 {
            let series = Series { schedule: Schedule::try_new(fields)?, ..self.series };
            return Ok((None, Self { series, offer, version: self.version + 1, ..self }));
        }
        // The new series starts on a date of the old rule, so that "every second week" keeps its weeks.
        fields.starts_on = next;
        fields.exdates.retain(|date| *date >= next);
        if let End::Count(count) = fields.rule.end() {
            let rest = fields.rule.clone().ending(End::Count(count.saturating_sub(before)));
            fields.rule = rest.map_err(|error| UseCaseError::invalid("/from", error.to_string()))?;
        }
        let series = Series { id, schedule: Schedule::try_new(fields)?, ..self.series.clone() };
        let tail = Self { series, offer, version: 1, ..self.clone() };
        let last = next.pred_opt().ok_or_else(|| UseCaseError::invalid("/from", "no such date"))?;
        Ok((Some(self.end(last)?), tail))
    }

    /// The fields of the schedule.
    #[must_use]
    pub const fn fields(&self) -> &ScheduleFields {
        self.series.schedule.fields()
    }

    // The first date from `from` on within a year, including excluded dates.
    fn next_date(&self, from: NaiveDate) -> Option<NaiveDate> {
        let schedule = self.all_dates()?;
        let first = from.max(self.fields().starts_on);
        let window = Window::try_new(first, first + Days::new(u64::from(Window::MAX_DAYS) - 1)).ok()?;
        schedule.occurrences(window).first().map(|start| start.local_date)
    }

    fn dates_before(&self, end: NaiveDate) -> u32 {
        let Some(schedule) = self.all_dates() else { return 0 };
        let (mut first, mut count) = (self.fields().starts_on, 0);
        while first < end {
            let last = (first + Days::new(u64::from(Window::MAX_DAYS) - 1)).min(end - Days::new(1));
            let Ok(window) = Window::try_new(first, last) else { break };
            count += schedule.occurrences(window).len();
            first = last + Days::new(1);
        }
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    // The schedule with its excluded dates included, because a rule counts them.
    fn all_dates(&self) -> Option<Schedule> {
        let fields = ScheduleFields { exdates: std::collections::BTreeSet::new(), ..self.fields().clone() };
        Schedule::try_new(fields).ok()
    }
}
