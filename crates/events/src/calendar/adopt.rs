//! Conversion of a calendar entry to an event, or to a series with its events.
//!
//! Only events that are still to come are imported. A called-off occurrence becomes a date that the
//! series excludes; a moved or renamed occurrence becomes an event at once, however far ahead, so that
//! the worker finds its date taken later.

use super::{
    CalendarEntry, EntryDetails, EntryKey, EntryStatus, Once, Override, Reason, RecurrenceId, RefusedEntry,
    Timing,
};
use crate::{
    BookingRules, Event, EventKind, NewOffer, Offer, SeriesPlan, Template,
    create_event::scheduled,
    event::SeriesDate,
    series::{Schedule, Series},
};
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use std::collections::HashSet;
use tryzore_kernel::{FieldError, OrganizationId, SeriesId};

/// What a calendar does not say, the same for all entries of an import.
#[derive(Debug)]
pub(crate) struct Terms<'t> {
    pub(crate) organization: OrganizationId,
    pub(crate) rules: &'t BookingRules,
    /// Defaults for what the entries don't say.
    pub(crate) defaults: &'t NewOffer,
    pub(crate) template: Option<&'t Template>,
    pub(crate) now: DateTime<Utc>,
}

/// The result of an entry.
#[derive(Debug)]
pub(crate) enum Adopted {
    /// A single event.
    Once(Box<Event>),
    /// A series, with its events for the next weeks.
    Series {
        plan: Box<SeriesPlan>,
        events: Vec<Event>,
        /// The number of occurrences that were called off, moved or renamed.
        changed: u32,
    },
}

impl EntryKey {
    /// The UID and the occurrence in a text that [`EntryKey::text`] made; none for the key of a whole
    /// entry.
    pub(crate) fn occurrence(text: &str) -> Option<(&str, RecurrenceId)> {
        let (uid, id) = text.rsplit_once(";RECURRENCE-ID=")?;
        let day = || id.parse().ok().map(RecurrenceId::Day);
        Some((uid, id.parse().ok().map(RecurrenceId::Start).or_else(day)?))
    }

    /// The key as one text. An occurrence that came without its series has both parts, as in
    /// `uid;RECURRENCE-ID=2026-04-15T16:30:00Z`, or `uid;RECURRENCE-ID=2026-04-15`.
    pub(crate) fn text(&self) -> String {
        let id = match self.recurrence {
            None => return self.uid.clone(),
            Some(RecurrenceId::Start(at)) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
            Some(RecurrenceId::Day(date)) => date.to_string(),
        };
        format!("{};RECURRENCE-ID={id}", self.uid)
    }
}

impl RecurrenceId {
    /// The local date of the occurrence in `schedule`, if the rule yields it. Midnight means its day,
    /// because some programs write a day like that.
    pub(crate) fn date_in(self, schedule: &Schedule) -> Option<NaiveDate> {
        let at = match self {
            Self::Day(date) => return schedule.falls_on(date).then_some(date),
            Self::Start(at) => at,
        };
        let local = at.with_timezone(&schedule.zone()).naive_local();
        let starts =
            |date: &NaiveDate| schedule.occurrence_on(*date).is_some_and(|start| start.starts_at == at);
        // A start that a gap moved past midnight belongs to the day before.
        let days = [Some(local.date()), local.date().pred_opt()];
        let by_start = days.into_iter().flatten().find(|date| starts(date) && schedule.falls_on(*date));
        let is_day = local.time() == NaiveTime::MIN && schedule.falls_on(local.date());
        by_start.or(is_day.then(|| local.date()))
    }
}

impl CalendarEntry {
    /// Converts the entry under `terms`. Reasons for refusal are added to `refused`. The result is none
    /// when the entry as a whole is refused; refused occurrences don't keep the series from being
    /// imported.
    pub(crate) fn adopt(&self, terms: &Terms<'_>, refused: &mut Vec<RefusedEntry>) -> Option<Adopted> {
        let (changes, adopted) = match &self.timing {
            Timing::Once(once) => (&[][..], self.adopt_once(terms, once)),
            Timing::Series { schedule, overrides } => {
                (overrides.as_slice(), self.adopt_series(terms, schedule, overrides))
            }
        };
        match adopted {
            Ok((adopted, idle)) => {
                refused.extend(idle);
                Some(adopted)
            }
            Err(reasons) => {
                refused.push(RefusedEntry { reasons, ..refusal(self.line, &self.key, &self.details) });
                refused.extend(changes.iter().map(|change| change.refused(Reason::SeriesRefused)));
                None
            }
        }
    }

    fn adopt_once(
        &self,
        terms: &Terms<'_>,
        once: &Once,
    ) -> Result<(Adopted, Vec<RefusedEntry>), Vec<Reason>> {
        if self.status == EntryStatus::Canceled {
            return Err(vec![Reason::CalledOff]);
        }
        if once.starts_at <= terms.now {
            return Err(vec![Reason::Over]);
        }
        let (kind, offer) = terms.offer(&self.details, once.duration_minutes)?;
        let event = terms.event(kind, None, &offer, once.starts_at);
        Ok((Adopted::Once(Box::new(event)), Vec::new()))
    }

    fn adopt_series(
        &self,
        terms: &Terms<'_>,
        schedule: &Schedule,
        overrides: &[Override],
    ) -> Result<(Adopted, Vec<RefusedEntry>), Vec<Reason>> {
        if self.status == EntryStatus::Canceled {
            return Err(vec![Reason::CalledOff]);
        }
        let (kind, offer) = terms.offer(&self.details, schedule.fields().duration_minutes)?;
        let id = SeriesId::generate(terms.now);
        let mut schedule = Schedule::clone(schedule);
        let (mut idle, mut moved, mut changed) = (Vec::new(), Vec::new(), 0);
        for change in overrides {
            match change.apply(terms, id, &mut schedule) {
                Ok(event) => {
                    moved.extend(event);
                    changed += 1;
                }
                Err(reasons) => {
                    let refused = refusal(change.line, &change.key, &change.details);
                    idle.push(RefusedEntry { reasons, ..refused });
                }
            }
        }
        let template = terms.template.map(|template| template.id);
        let series = Series { id, organization: terms.organization, template, schedule };
        let plan = SeriesPlan { series, kind, offer, is_ended: false, materialized_until: None, version: 1 };
        let (plan, mut events) = plan.extend(terms.rules, terms.now);
        // Looking further ahead than the plan does takes long, and is needed for few series.
        if moved.is_empty() && events.is_empty() && plan.series.schedule.upcoming(terms.now).next().is_none()
        {
            return Err(vec![Reason::Over]);
        }
        let taken: HashSet<_> = moved.iter().map(|event| event.series).collect();
        events.retain(|event| !taken.contains(&event.series));
        events.extend(moved);
        Ok((Adopted::Series { plan: Box::new(plan), events, changed }, idle))
    }

    /// Excludes the occurrences at `known` from the series, because they were imported as single events
    /// before the series. Returns how many entries of the file that concerns.
    pub(crate) fn leave_known(&mut self, known: &[RecurrenceId]) -> u32 {
        let Timing::Series { schedule, overrides } = &mut self.timing else { return 0 };
        let before = overrides.len();
        for id in known {
            if let Some(date) = id.date_in(schedule)
                && schedule.leave_out(date).is_ok()
            {
                overrides.retain(|change| change.local_date != date);
            }
        }
        u32::try_from(before - overrides.len()).unwrap_or(u32::MAX)
    }

    /// How many entries of the file the result accounts for: the entry and the changes of its
    /// occurrences.
    pub(crate) fn count(&self) -> u32 {
        let changes = match &self.timing {
            Timing::Once(_) => 0,
            Timing::Series { overrides, .. } => overrides.len(),
        };
        u32::try_from(changes + 1).unwrap_or(u32::MAX)
    }
}

impl Override {
    /// The event that the change makes of its date in the series `id`; none when the change calls the
    /// date off, which `schedule` then excludes. The error is the reason why the change has no effect.
    fn apply(
        &self,
        terms: &Terms<'_>,
        id: SeriesId,
        schedule: &mut Schedule,
    ) -> Result<Option<Event>, Vec<Reason>> {
        let by_rule = schedule.occurrence_on(self.local_date);
        let was_over = by_rule.is_some_and(|start| start.starts_at <= terms.now);
        let is_over = self.once.starts_at <= terms.now;
        let is_called_off = self.status == EntryStatus::Canceled;
        // An occurrence that was moved into the past is over: the rule must not create it again.
        if !was_over && (is_called_off || is_over) {
            schedule.leave_out(self.local_date).map_err(|error| {
                error.into_vec().into_iter().map(|field| Reason::Schedule(field.detail)).collect::<Vec<_>>()
            })?;
        }
        if is_called_off {
            return if was_over { Err(vec![Reason::Over]) } else { Ok(None) };
        }
        if is_over {
            return Err(vec![Reason::Over]);
        }
        let (kind, offer) = terms.offer(&self.details, self.once.duration_minutes)?;
        let date = SeriesDate { series: id, on: self.local_date };
        Ok(Some(terms.event(kind, Some(date), &offer, self.once.starts_at)))
    }

    pub(super) fn refused(&self, reason: Reason) -> RefusedEntry {
        RefusedEntry { reasons: vec![reason], ..refusal(self.line, &self.key, &self.details) }
    }
}

impl Terms<'_> {
    /// The offer of an entry with `details`.
    fn offer(
        &self,
        details: &EntryDetails,
        duration_minutes: u16,
    ) -> Result<(EventKind, Offer), Vec<Reason>> {
        let offer = NewOffer {
            name: Some(details.title.clone()),
            duration_minutes: Some(duration_minutes),
            location: details.location.clone().or_else(|| self.defaults.location.clone()),
            ..self.defaults.clone()
        };
        offer.complete(self.template).map_err(|errors| {
            let reason = |error: FieldError| Reason::Field {
                field: error.pointer.trim_start_matches('/').to_owned(),
                detail: error.detail,
            };
            errors.into_vec().into_iter().map(reason).collect()
        })
    }

    fn event(
        &self,
        kind: EventKind,
        date: Option<SeriesDate>,
        offer: &Offer,
        starts_at: DateTime<Utc>,
    ) -> Event {
        let template = self.template.map(|template| template.id);
        let rules = self.rules.clone();
        scheduled(self.organization, kind, template, date, offer, starts_at, rules, self.now)
    }
}

fn refusal(line: usize, key: &EntryKey, details: &EntryDetails) -> RefusedEntry {
    let (uid, title) = (Some(key.uid.clone()), Some(details.title.clone()));
    RefusedEntry { line, uid, title, reasons: Vec::new() }
}
