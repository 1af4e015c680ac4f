//! Assembly of single VEVENTs to entries: the newest revision of each, with the changes of single
//! occurrences joined to their series.

use super::{
    CalendarEntry, EntryDetails, EntryKey, Once, Override, Reason, RecurrenceId, RefusedEntry, Timing,
    draft::{Draft, date_of},
    moment::{DayOrMoment, Moment},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

/// The identity of a revision within one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Which {
    Whole,
    Day(NaiveDate),
    Instant(DateTime<Utc>),
}

/// The entries that `drafts` make. `refused_series` are the UIDs of refused entries that were not
/// changes of an occurrence.
pub(super) fn assemble(
    drafts: Vec<Draft>,
    refused_series: &HashSet<String>,
    refused: &mut Vec<RefusedEntry>,
) -> Vec<CalendarEntry> {
    let (changes, whole): (Vec<_>, Vec<_>) =
        newest(drafts, refused).into_iter().partition(|draft| draft.recurrence.is_some());
    let mut entries = Vec::new();
    let mut whole: HashMap<String, Whole> =
        whole.into_iter().filter_map(|draft| Some((draft.uid.clone(), Whole::of(draft)?))).collect();
    for change in changes {
        let kept = match whole.get_mut(&change.uid) {
            Some(whole) => whole.join(change),
            None if refused_series.contains(&change.uid) => Err(change.refused(Reason::SeriesRefused)),
            None => alone(change).map(|entry| entries.push(entry)),
        };
        refused.extend(kept.err());
    }
    entries.extend(whole.into_values().map(|whole| whole.entry));
    for entry in &mut entries {
        if let Timing::Series { overrides, .. } = &mut entry.timing {
            overrides.sort_by_key(|other| other.local_date);
        }
    }
    entries.sort_by_key(|entry| entry.line);
    entries
}

/// The newest draft of each key; the older ones are added to `refused`.
fn newest(mut drafts: Vec<Draft>, refused: &mut Vec<RefusedEntry>) -> Vec<Draft> {
    drafts.sort_by_key(|draft| Reverse((draft.sequence, draft.changed_at, draft.line)));
    let mut kept: HashMap<(String, Which), usize> = HashMap::new();
    drafts.retain_mut(|draft| {
        let which = match draft.recurrence {
            None => Which::Whole,
            Some(DayOrMoment::Day(date)) => Which::Day(date),
            Some(DayOrMoment::Moment(moment)) => Which::Instant(moment.at),
        };
        let by = *kept.entry((draft.uid.clone(), which)).or_insert(draft.line);
        if by != draft.line {
            let (uid, title) = (Some(draft.uid.clone()), draft.title.clone());
            refused.push(RefusedEntry {
                line: draft.line,
                uid,
                title,
                reasons: vec![Reason::Superseded { by }],
            });
        }
        by == draft.line
    });
    drafts.sort_by_key(|draft| draft.line);
    drafts
}

fn entry(draft: Draft, start: Moment) -> CalendarEntry {
    let duration_minutes = draft.minutes.unwrap_or_default();
    let once = Once { zone: start.zone, starts_at: start.at, duration_minutes };
    CalendarEntry {
        key: EntryKey { uid: draft.uid, recurrence: None },
        line: draft.line,
        sequence: draft.sequence,
        changed_at: draft.changed_at,
        status: draft.status,
        details: EntryDetails { title: draft.title.unwrap_or_default(), ..draft.details },
        timing: match draft.schedule {
            Some(schedule) => Timing::Series { schedule: Box::new(schedule), overrides: Vec::new() },
            None => Timing::Once(once),
        },
        notes: draft.notes,
    }
}

/// A change of one occurrence whose series is not in the file becomes one start.
fn alone(change: Draft) -> Result<CalendarEntry, RefusedEntry> {
    let start = match (&change.title, change.start, change.minutes) {
        (None, ..) => return Err(change.refused(Reason::NoTitle)),
        (_, None, _) => return Err(change.refused(Reason::NoStart)),
        (.., None) => return Err(change.refused(Reason::NoLength)),
        (_, Some(start), _) => start,
    };
    let recurrence = change.recurrence.map(|time| match time {
        DayOrMoment::Moment(moment) => RecurrenceId::Start(moment.at),
        DayOrMoment::Day(date) => RecurrenceId::Day(date),
    });
    let mut entry = entry(change, start);
    entry.key.recurrence = recurrence;
    Ok(entry)
}

/// An entry that is no change, while the changes are joined to it. The time to join a change does not
/// grow with the number of changes or with the dates of the series.
struct Whole {
    entry: CalendarEntry,
    start: Moment,
    /// The line of the file on which the change of a date begins.
    changed: HashMap<NaiveDate, usize>,
    /// The dates of a series that has a COUNT, computed when they are first needed.
    counted: Option<HashSet<NaiveDate>>,
}

impl Whole {
    fn of(draft: Draft) -> Option<Self> {
        let start = draft.start?;
        Some(Self { entry: entry(draft, start), start, changed: HashMap::new(), counted: None })
    }

    /// Adds the change of one occurrence to its series.
    fn join(&mut self, change: Draft) -> Result<(), RefusedEntry> {
        let Timing::Series { schedule, overrides } = &mut self.entry.timing else {
            return Err(change.refused(Reason::NotASeries));
        };
        if self.counted.is_none() {
            self.counted = schedule.counted_dates();
        }
        let falls_on = |date: &NaiveDate| match &self.counted {
            Some(dates) => dates.contains(date),
            None => schedule.falls_on(*date),
        };
        let named = change.recurrence.and_then(|time| date_of(time, self.start)).filter(falls_on);
        let Some(by_rule) = named.and_then(|date| schedule.occurrence_on(date)) else {
            return Err(change.refused(Reason::NoSuchOccurrence));
        };
        if let Some(by) = self.changed.get(&by_rule.local_date).copied() {
            return Err(change.refused(Reason::Superseded { by }));
        }
        self.changed.insert(by_rule.local_date, change.line);
        // Some programs also exclude the date that they override; the override takes precedence.
        schedule.include(by_rule.local_date);
        let inherited = &self.entry.details;
        let own = change.details;
        overrides.push(Override {
            key: EntryKey { uid: change.uid, recurrence: Some(RecurrenceId::Start(by_rule.starts_at)) },
            line: change.line,
            local_date: by_rule.local_date,
            sequence: change.sequence,
            status: change.status,
            details: EntryDetails {
                title: change.title.unwrap_or_else(|| inherited.title.clone()),
                description: own.description.or_else(|| inherited.description.clone()),
                location: own.location.or_else(|| inherited.location.clone()),
                organizer: own.organizer.or_else(|| inherited.organizer.clone()),
                categories: if own.categories.is_empty() {
                    inherited.categories.clone()
                } else {
                    own.categories
                },
            },
            once: Once {
                zone: change.start.map_or(schedule.zone(), |start| start.zone),
                starts_at: change.start.map_or(by_rule.starts_at, |start| start.at),
                duration_minutes: change.minutes.unwrap_or(schedule.fields().duration_minutes),
            },
        });
        self.entry.notes.extend(change.notes);
        Ok(())
    }
}
