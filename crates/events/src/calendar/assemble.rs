//! From single VEVENTs to entries: the newest revision of each, and changes of one occurrence
//! joined to their series.

use super::{
    CalendarEntry, EntryDetails, EntryKey, Once, Override, Reason, RefusedEntry, Timing,
    draft::{Draft, date_of},
    moment::{DayOrMoment, Moment},
};
use crate::series::place;
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

/// What a revision is a revision of, within one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Which {
    Whole,
    Day(NaiveDate),
    Instant(DateTime<Utc>),
}

/// The entries that `drafts` make. `refused_series` are the UIDs of what was refused before and
/// stood for itself.
pub(super) fn assemble(
    drafts: Vec<Draft>,
    refused_series: &HashSet<String>,
    refused: &mut Vec<RefusedEntry>,
) -> Vec<CalendarEntry> {
    let (changes, whole): (Vec<_>, Vec<_>) =
        newest(drafts, refused).into_iter().partition(|draft| draft.recurrence.is_some());
    let mut entries = Vec::new();
    let mut places = HashMap::new();
    for draft in whole {
        places.insert(draft.uid.clone(), entries.len());
        let start = draft.start;
        entries.push((entry(draft), start));
    }
    for change in changes {
        let Some(at) = places.get(&change.uid).copied() else {
            if refused_series.contains(&change.uid) {
                refused.push(change.refused(Reason::SeriesRefused));
                continue;
            }
            match alone(change) {
                Ok(entry) => entries.push(entry),
                Err(entry) => refused.push(entry),
            }
            continue;
        };
        let Some((series, start)) = entries.get_mut(at) else { continue };
        if let Err(entry) = join(series, *start, change) {
            refused.push(entry);
        }
    }
    let mut entries: Vec<CalendarEntry> = entries.into_iter().map(|(entry, _)| entry).collect();
    for entry in &mut entries {
        if let Timing::Series { overrides, .. } = &mut entry.timing {
            overrides.sort_by_key(|other| other.local_date);
        }
    }
    entries.sort_by_key(|entry| entry.line);
    entries
}

/// The newest draft of each key; the others are refused.
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

fn entry(draft: Draft) -> CalendarEntry {
    let once = Once {
        zone: draft.start.zone,
        starts_at: draft.start.at,
        duration_minutes: draft.minutes.unwrap_or_default(),
    };
    CalendarEntry {
        key: EntryKey { uid: draft.uid, recurrence: None },
        line: draft.line,
        sequence: draft.sequence,
        changed_at: draft.changed_at,
        status: draft.status,
        details: EntryDetails { title: draft.title.unwrap_or_default(), ..draft.details },
        timing: match draft.schedule {
            Some(schedule) => Timing::Series { schedule, overrides: Vec::new() },
            None => Timing::Once(once),
        },
        notes: draft.notes,
    }
}

/// A change of one occurrence of a series that the file does not have: one start by itself.
fn alone(change: Draft) -> Result<(CalendarEntry, Moment), RefusedEntry> {
    let missing = match (&change.title, change.minutes) {
        (None, _) => Some(Reason::NoTitle),
        (_, None) => Some(Reason::NoLength),
        _ => None,
    };
    if let Some(reason) = missing {
        return Err(change.refused(reason));
    }
    let start = change.start;
    let recurrence = match change.recurrence {
        Some(DayOrMoment::Moment(moment)) => Some(moment.at),
        // A day names the occurrence that has the time of this one, as far as is known.
        Some(DayOrMoment::Day(date)) => {
            place(start.zone, date.and_time(start.local.time())).map(|placed| placed.at)
        }
        None => None,
    };
    let mut entry = entry(change);
    entry.key.recurrence = recurrence;
    Ok((entry, start))
}

/// Puts the change of one occurrence into its series.
fn join(series: &mut CalendarEntry, start: Moment, change: Draft) -> Result<(), RefusedEntry> {
    let Timing::Series { schedule, overrides } = &mut series.timing else {
        return Err(change.refused(Reason::NotASeries));
    };
    let named =
        change.recurrence.and_then(|time| date_of(time, start)).filter(|date| schedule.falls_on(*date));
    let Some(by_rule) = named.and_then(|date| schedule.occurrence_on(date)) else {
        return Err(change.refused(Reason::NoSuchOccurrence));
    };
    if let Some(other) = overrides.iter().find(|other| other.local_date == by_rule.local_date) {
        let by = other.line;
        return Err(change.refused(Reason::Superseded { by }));
    }
    // Some programs exclude the date that they override: the override says more.
    schedule.include(by_rule.local_date);
    let inherited = &series.details;
    let own = change.details;
    overrides.push(Override {
        key: EntryKey { uid: change.uid, recurrence: Some(by_rule.starts_at) },
        line: change.line,
        local_date: by_rule.local_date,
        sequence: change.sequence,
        status: change.status,
        details: EntryDetails {
            title: change.title.unwrap_or_else(|| inherited.title.clone()),
            description: own.description.or_else(|| inherited.description.clone()),
            location: own.location.or_else(|| inherited.location.clone()),
            organizer: own.organizer.or_else(|| inherited.organizer.clone()),
            categories: if own.categories.is_empty() { inherited.categories.clone() } else { own.categories },
        },
        once: Once {
            zone: change.start.zone,
            starts_at: change.start.at,
            duration_minutes: change.minutes.unwrap_or(schedule.fields().duration_minutes),
        },
    });
    series.notes.extend(change.notes);
    Ok(())
}
