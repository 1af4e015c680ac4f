//! The plan of an import: the entries of a calendar file as events. Nothing is read or stored here.

use crate::{
    Event, NewCalendar, NewOffer, UseCaseError,
    calendar::{
        Adopted, CalendarEntry, CalendarImport, Change, EntryKey, EntryNote, RecurrenceId, RefusedEntry,
        Terms,
    },
    domain_event::{EventChanged, Scheduled},
    import_calendar::CalendarFacts,
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{HashMap, HashSet};
use tryzore_kernel::{OrganizationId, Published};
use tryzore_rbac::DomainEvent;

#[cfg(doc)]
use crate::calendar;

/// The highest number of events that one import puts on the schedule.
pub const MAX_EVENTS: usize = 10_000;

/// An import that can be stored while the facts hold that it was made from.
#[derive(Debug)]
pub struct CalendarPlan {
    pub(crate) organization: OrganizationId,
    pub(crate) defaults: NewOffer,
    pub(crate) dry_run: bool,
    /// The keys in the file.
    pub(crate) keys: Vec<String>,
    /// What the plan was made from.
    pub(crate) facts: CalendarFacts,
    /// When the plan was made: what had started by then is left out of it.
    made_at: DateTime<Utc>,
    pub(crate) report: CalendarReport,
    /// The entries that no earlier import brought, each with its key.
    pub(crate) adopted: Vec<(String, Adopted)>,
    /// What is to be published of the adopted events.
    pub(crate) published: Vec<Published>,
    /// The changes of dates of series that are there already.
    pub(crate) changes: Vec<PlannedChange>,
    /// The dates of such series that need no further change, by their UIDs: those that were imported before
    /// their series, and those of `changes`.
    settled: HashMap<String, HashSet<NaiveDate>>,
    /// How many dates each of these series will leave out, by their UIDs.
    left_out: HashMap<String, usize>,
}

/// The change of one date of a series that is there already.
#[derive(Debug)]
pub(crate) struct PlannedChange {
    /// The UID of the series.
    pub(crate) uid: String,
    pub(crate) on: NaiveDate,
    pub(crate) change: Change,
}

/// The report of an import, or of a dry run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CalendarReport {
    /// The name of the calendar, if it has one.
    pub name: Option<String>,
    /// The number of entries in the file.
    pub read: u32,
    /// The number of entries that became a series.
    pub created_series: u32,
    /// The number of entries that became a single event.
    pub created_events: u32,
    /// The number of entries that called off, moved or renamed one occurrence of a series.
    pub changed_dates: u32,
    /// The number of entries that are there from an earlier import.
    pub unchanged: u32,
    /// The number of events that were put on the schedule: the single ones, and those of the series for
    /// the next eight weeks.
    pub scheduled: u32,
    /// The entries that were refused, in the order of the file.
    pub refused: Vec<RefusedEntry>,
    /// The entries that were imported with notes, in the order of the file.
    pub noted: Vec<NotedEntry>,
}

/// An entry that was imported with notes.
#[derive(Debug, Clone, PartialEq)]
pub struct NotedEntry {
    /// The line of the file on which the entry begins, from 1.
    pub line: usize,
    /// The UID of the entry.
    pub uid: String,
    /// The name of the entry.
    pub title: String,
    /// The notes, at least one.
    pub notes: Vec<EntryNote>,
}

/// Turns the entries of a calendar into events. The time this takes is bounded by
/// [`calendar::MAX_ENTRIES`] and [`MAX_EVENTS`], and is long for a large file.
///
/// # Errors
/// [`UseCaseError::Invalid`] with `/body` for a file that makes more than [`MAX_EVENTS`] events.
pub fn plan_calendar(
    new: NewCalendar,
    facts: CalendarFacts,
    now: DateTime<Utc>,
) -> Result<CalendarPlan, UseCaseError> {
    let NewCalendar { organization, file, defaults, dry_run } = new;
    let keys = keys(&file);
    let refused = count(file.refused.len());
    let read = refused + file.entries.iter().map(CalendarEntry::count).sum::<u32>();
    let report = CalendarReport { name: file.name, read, refused: file.refused, ..CalendarReport::default() };
    let mut plan = CalendarPlan {
        organization,
        defaults,
        dry_run,
        keys,
        facts,
        made_at: now,
        report,
        adopted: Vec::new(),
        published: Vec::new(),
        changes: Vec::new(),
        settled: HashMap::new(),
        left_out: HashMap::new(),
    };
    let alone = plan.facts.alone();
    let nothing = Vec::new();
    for mut entry in file.entries {
        let alone = alone.get(&entry.key.uid).unwrap_or(&nothing);
        if plan.facts.known.contains(&entry.key.uid) || plan.facts.known.contains(&entry.key.text()) {
            plan.change(&entry, alone, now);
        } else {
            plan.report.unchanged += entry.leave_known(alone);
            plan.adopt(entry, now);
        }
        if plan.report.scheduled > count(MAX_EVENTS) {
            let detail = format!("it makes more than {MAX_EVENTS} events: import it in parts");
            return Err(UseCaseError::invalid("/body", detail));
        }
    }
    plan.report.refused.sort_by_key(|entry| entry.line);
    Ok(plan)
}

impl CalendarFacts {
    /// The single dates that were imported before their series, by their UIDs.
    fn alone(&self) -> HashMap<String, Vec<RecurrenceId>> {
        let mut alone: HashMap<String, Vec<RecurrenceId>> = HashMap::new();
        for (uid, id) in self.known.iter().filter_map(|key| EntryKey::occurrence(key)) {
            alone.entry(uid.to_owned()).or_default().push(id);
        }
        alone
    }
}

impl CalendarPlan {
    /// Adds an entry that no earlier import brought.
    fn adopt(&mut self, entry: CalendarEntry, now: DateTime<Utc>) {
        let terms = Terms {
            organization: self.organization,
            rules: &self.facts.rules,
            defaults: &self.defaults,
            template: self.facts.template.as_ref(),
            now,
        };
        let Some(one) = entry.adopt(&terms, &mut self.report.refused) else { return };
        self.report.take(&one);
        let events = match &one {
            Adopted::Once(event) => std::slice::from_ref(&**event),
            Adopted::Series { events, .. } => events,
        };
        self.published.extend(events.iter().map(|event| scheduled(event, now)));
        self.adopted.push((entry.key.text(), one));
        self.report.note(entry);
    }

    /// Adds the changes of single dates that are in an entry whose series is there already. `alone` are
    /// the dates that came before their series.
    fn change(&mut self, entry: &CalendarEntry, alone: &[RecurrenceId], now: DateTime<Utc>) {
        let is_known = entry.key.recurrence.is_some() && self.facts.known.contains(&entry.key.text());
        let series = self.facts.series.get(&entry.key.uid).filter(|_| !is_known);
        let Some(series) = series else {
            self.report.unchanged += entry.count();
            return;
        };
        let changes = entry.changes(&series.plan);
        self.report.unchanged += entry.count() - count(changes.len());
        let uid = &entry.key.uid;
        let dates = || alone.iter().filter_map(|id| id.date_in(&series.plan.series.schedule)).collect();
        let settled = self.settled.entry(uid.clone()).or_insert_with(dates);
        let exdates = series.plan.fields().exdates.len();
        let left_out = self.left_out.entry(uid.clone()).or_insert(exdates);
        for (date, change) in changes {
            let later = match date {
                Some(on) if settled.contains(&on) => Ok(None),
                date => change.later(date, series, *left_out, &self.facts.rules, now),
            };
            match (later, date) {
                (Ok(Some(change)), Some(on)) => {
                    settled.insert(on);
                    *left_out += usize::from(change == Change::LeaveOut);
                    self.report.changed_dates += 1;
                    self.report.scheduled += u32::from(matches!(change, Change::Add(_)));
                    self.changes.push(PlannedChange { uid: uid.clone(), on, change });
                }
                (Ok(_), _) => self.report.unchanged += 1,
                (Err(refused), _) => self.report.refused.push(*refused),
            }
        }
    }
}

impl CalendarPlan {
    /// Whether the plan would be the same if it were made at `now`: nothing in it has started since.
    pub(crate) fn is_current(&self, now: DateTime<Utc>) -> bool {
        let adopted = self.adopted.iter().flat_map(|(_, one)| match one {
            Adopted::Once(event) => std::slice::from_ref(&**event),
            Adopted::Series { events, .. } => events,
        });
        let changed = self.changes.iter().flat_map(|planned| match &planned.change {
            Change::Add(event) => vec![event.starts_at],
            Change::Replace { before, after } => vec![before.starts_at, after.starts_at],
            Change::LeaveOut => self.start_by_rule(planned).into_iter().collect(),
        });
        let mut starts = adopted.map(|event| event.starts_at).chain(changed);
        !starts.any(|start| self.made_at < start && start <= now)
    }

    fn start_by_rule(&self, planned: &PlannedChange) -> Option<DateTime<Utc>> {
        let series = &self.facts.series.get(&planned.uid)?.plan.series;
        series.schedule.occurrence_on(planned.on).map(|occurrence| occurrence.starts_at)
    }
}

/// What is published of a new event.
pub(crate) fn scheduled(event: &Event, now: DateTime<Utc>) -> Published {
    Scheduled(EventChanged::of(event)).published(now)
}

/// The keys that the entries of a file may be known by.
pub(crate) fn keys(file: &CalendarImport) -> Vec<String> {
    let keys: HashSet<_> =
        file.entries.iter().flat_map(|entry| [entry.key.text(), entry.key.uid.clone()]).collect();
    keys.into_iter().collect()
}

impl CalendarReport {
    fn take(&mut self, adopted: &Adopted) {
        match adopted {
            Adopted::Once(_) => {
                self.created_events += 1;
                self.scheduled += 1;
            }
            Adopted::Series { events, changed, .. } => {
                self.created_series += 1;
                self.changed_dates += changed;
                self.scheduled += count(events.len());
            }
        }
    }

    fn note(&mut self, entry: CalendarEntry) {
        if !entry.notes.is_empty() {
            let (line, uid, title) = (entry.line, entry.key.uid, entry.details.title);
            self.noted.push(NotedEntry { line, uid, title, notes: entry.notes });
        }
    }
}

/// `number` as it is reported.
pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
