//! Changes of single dates of a series that an earlier import brought: a change that was refused then and
//! is corrected now, or one that came later than its series.
//!
//! What staff have changed since stays as they made it: a date is changed only when it is still as the
//! rule made it. A date with clients is never changed here, because a change of the schedule tells them.

use super::{CalendarEntry, EntryKey, EntryStatus, Override, Reason, RecurrenceId, RefusedEntry, Timing};
use crate::{
    BookingRules, Event, EventState, ImportedDate, Offer, SeriesPlan, create_event::scheduled,
    event::SeriesDate, series::Schedule,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::HashMap;

/// A series that an earlier import brought.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KnownSeries {
    /// The series as it is now.
    pub(crate) plan: SeriesPlan,
    /// Those of its dates on the schedule that the file changes.
    pub(crate) dates: HashMap<NaiveDate, ImportedDate>,
    /// Whether whoever imports may change its events.
    pub(crate) may_edit: bool,
    /// Whether whoever imports may call off its events.
    pub(crate) may_cancel: bool,
}

/// The change of one date of a series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// The date gets an event before its time.
    Add(Box<Event>),
    /// The event on the date is changed or called off.
    Replace {
        /// The event as it is now.
        before: Box<Event>,
        /// The event as it becomes.
        after: Box<Event>,
    },
    /// The series leaves the date out.
    LeaveOut,
}

impl CalendarEntry {
    /// Whether the entry changes single dates of a series, which may be one that is not in the file.
    pub(crate) fn has_changes(&self) -> bool {
        match &self.timing {
            Timing::Once(_) => self.key.recurrence.is_some(),
            Timing::Series { overrides, .. } => !overrides.is_empty(),
        }
    }

    /// The local dates in `zone` that the entry may change: those that it does, and perhaps the day before.
    pub(crate) fn changed_dates(&self, zone: Tz) -> impl Iterator<Item = NaiveDate> {
        let (overrides, id) = match &self.timing {
            Timing::Once(_) => (&[][..], self.key.recurrence),
            Timing::Series { overrides, .. } => (overrides.as_slice(), None),
        };
        let named = id.map(|id| match id {
            RecurrenceId::Day(date) => date,
            RecurrenceId::Start(at) => at.with_timezone(&zone).date_naive(),
        });
        let before = named.and_then(|date| date.pred_opt());
        named.into_iter().chain(before).chain(overrides.iter().map(|change| change.local_date))
    }

    /// The changes of dates of `series` in the entry, each with its date in the series: those that the
    /// series of the file has, or the entry itself when it came without its series.
    pub(crate) fn changes(&self, series: &SeriesPlan) -> Vec<(Option<NaiveDate>, Override)> {
        let once = match &self.timing {
            Timing::Series { overrides, .. } => {
                return overrides.iter().map(|change| (Some(change.local_date), change.clone())).collect();
            }
            Timing::Once(once) => *once,
        };
        let Some(id) = self.key.recurrence else { return Vec::new() };
        let date = id.date_in(&series.series.schedule);
        let change = Override {
            key: EntryKey { uid: self.key.uid.clone(), recurrence: Some(id) },
            line: self.line,
            local_date: date.unwrap_or_else(|| once.starts_at.date_naive()),
            sequence: self.sequence,
            status: self.status,
            details: self.details.clone(),
            once,
        };
        vec![(date, change)]
    }
}

impl Override {
    /// What the change does to its date in a series that is there already; none when there is nothing
    /// left to do, or staff have changed that date or the series since. The series will leave out
    /// `left_out` dates besides.
    pub(crate) fn later(
        &self,
        date: Option<NaiveDate>,
        series: &KnownSeries,
        left_out: usize,
        rules: &BookingRules,
        now: DateTime<Utc>,
    ) -> Result<Option<Change>, Box<RefusedEntry>> {
        let refuse = |reason| Box::new(self.refused(reason));
        let plan = &series.plan;
        if plan.version != 1 {
            return Ok(None);
        }
        let by_rule = date.and_then(|date| plan.series.schedule.occurrence_on(date));
        let Some(by_rule) = by_rule else { return Err(refuse(Reason::NoSuchOccurrence)) };
        let is_off = self.status == EntryStatus::Canceled || self.once.starts_at <= now;
        if let Some(there) = series.dates.get(&by_rule.local_date) {
            let made = plan.event_on(by_rule.local_date, &plan.offer, by_rule.starts_at, rules, now);
            return self.replaces(there, &made, is_off, series, now).map_err(refuse);
        }
        if !plan.series.schedule.falls_on(by_rule.local_date) {
            return Err(refuse(Reason::NoSuchOccurrence));
        }
        let is_left_out = plan.fields().exdates.contains(&by_rule.local_date);
        match is_off {
            true if is_left_out || by_rule.starts_at <= now => Ok(None),
            true if !series.may_edit => Err(refuse(Reason::NotPermitted("events.edit_all"))),
            true if left_out >= Schedule::MAX_EXDATES => {
                let detail = format!("a series leaves out at most {} dates", Schedule::MAX_EXDATES);
                Err(refuse(Reason::Schedule(detail)))
            }
            true => Ok(Some(Change::LeaveOut)),
            false => {
                let offer = self.offer(&plan.offer).map_err(refuse)?;
                let event = plan.event_on(by_rule.local_date, &offer, self.once.starts_at, rules, now);
                Ok(Some(Change::Add(Box::new(event))))
            }
        }
    }

    /// The change of the event that is on the schedule, where the rule has `made` one.
    fn replaces(
        &self,
        there: &ImportedDate,
        made: &Event,
        is_off: bool,
        series: &KnownSeries,
        now: DateTime<Utc>,
    ) -> Result<Option<Change>, Reason> {
        let before = &there.event;
        let is_as_made = before.version == 1
            && before.state == EventState::Scheduled
            && before.differences(made).is_empty();
        if !is_as_made || before.has_started(now) {
            return Ok(None);
        }
        let (may, permission, after) = if is_off {
            (series.may_cancel, "events.cancel", before.clone().call_off())
        } else {
            let offer = self.offer(&series.plan.offer)?;
            (series.may_edit, "events.edit_all", before.edit(&offer, before.room, self.once.starts_at, now))
        };
        // An event that is as the rule made it and has not started takes every change.
        let after = after.map_err(|_| Reason::Over)?;
        if after == *before {
            return Ok(None);
        }
        if there.has_clients {
            return Err(Reason::HasClients);
        }
        if !may {
            return Err(Reason::NotPermitted(permission));
        }
        Ok(Some(Change::Replace { before: Box::new(before.clone()), after: Box::new(after) }))
    }

    /// The offer of the date in a series that offers `usual`.
    fn offer(&self, usual: &Offer) -> Result<Offer, Reason> {
        let offer = Offer {
            name: self.details.title.clone(),
            duration_minutes: self.once.duration_minutes,
            location: self.details.location.clone().unwrap_or_else(|| usual.location.clone()),
            ..usual.clone()
        };
        offer.checked().map_err(|errors| {
            let error = errors.into_vec().swap_remove(0);
            Reason::Field { field: error.pointer.trim_start_matches('/').to_owned(), detail: error.detail }
        })
    }
}

impl SeriesPlan {
    /// An event of the series on its local date `on`.
    fn event_on(
        &self,
        on: NaiveDate,
        offer: &Offer,
        starts_at: DateTime<Utc>,
        rules: &BookingRules,
        now: DateTime<Utc>,
    ) -> Event {
        let date = SeriesDate { series: self.series.id, on };
        let (organization, template) = (self.series.organization, self.series.template);
        scheduled(organization, self.kind, template, Some(date), offer, starts_at, rules.clone(), now)
    }
}
