//! The content of a calendar file, in the types of this crate.

use super::{EntryNote, Reason};
use crate::series::{ClockChange, Schedule, Window};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use tryzore_kernel::Email;

/// The content of a calendar file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalendarImport {
    /// The name of the calendar, if it has one (X-WR-CALNAME, NAME).
    pub name: Option<String>,
    /// The entries that can be imported, in the order of the file.
    pub entries: Vec<CalendarEntry>,
    /// The entries that are refused, in the order of the file.
    pub refused: Vec<RefusedEntry>,
}

/// The key that identifies an entry across exports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct EntryKey {
    /// The UID; at most 512 characters.
    pub uid: String,
    /// For one occurrence of a series: which one it is by the rule (RECURRENCE-ID).
    pub recurrence: Option<RecurrenceId>,
}

/// Which occurrence of a series is meant, by the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum RecurrenceId {
    /// The one that starts at this instant.
    Start(DateTime<Utc>),
    /// The one on this local date.
    Day(NaiveDate),
}

/// An entry of a calendar: one start, or a series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalendarEntry {
    /// The key that identifies the entry across exports.
    pub key: EntryKey,
    /// The line of the file on which the entry begins, from 1.
    pub line: usize,
    /// The revision; a higher number is newer.
    pub sequence: u32,
    /// When the entry was last changed (LAST-MODIFIED, else DTSTAMP).
    pub changed_at: Option<DateTime<Utc>>,
    /// Whether the entry takes place.
    pub status: EntryStatus,
    /// The name, description, room and organizer.
    pub details: EntryDetails,
    /// The time or times of the entry.
    pub timing: Timing,
    /// Notes about the entry that are no reason to refuse it.
    pub notes: Vec<EntryNote>,
}

/// The time or times of an entry.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// The entry takes place once.
    Once(Once),
    /// The entry repeats.
    Series {
        /// The starts of the series.
        schedule: Box<Schedule>,
        /// The occurrences that differ from the rule, by their dates.
        overrides: Vec<Override>,
    },
}

/// A single start with its duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Once {
    /// The zone in which the time was written.
    pub zone: Tz,
    /// The start.
    pub starts_at: DateTime<Utc>,
    /// The duration in minutes, 1 to [`Schedule::MAX_MINUTES`].
    pub duration_minutes: u16,
}

/// One occurrence of a series that differs from the rule: moved, renamed or called off.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Override {
    /// The key that identifies the occurrence across exports; its `recurrence` is the start by the rule.
    pub key: EntryKey,
    /// The line of the file on which the change begins, from 1.
    pub line: usize,
    /// The local date of the occurrence by the rule.
    pub local_date: NaiveDate,
    /// The revision of the change.
    pub sequence: u32,
    /// Whether the occurrence takes place.
    pub status: EntryStatus,
    /// The details; parts that the change does not have are taken from the series.
    pub details: EntryDetails,
    /// The start and the duration of the occurrence.
    pub once: Once,
}

/// Whether an entry takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    /// The entry takes place.
    Scheduled,
    /// The entry may take place.
    Tentative,
    /// The entry does not take place.
    Canceled,
}

/// The details of an entry. Texts are trimmed and have no control characters except line feeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryDetails {
    /// The name, 1 to 200 characters.
    pub title: String,
    /// The description, at most 4,000 characters.
    pub description: Option<String>,
    /// The room or address, at most 200 characters.
    pub location: Option<String>,
    /// The organizer.
    pub organizer: Option<Organizer>,
    /// The categories: at most 20, each of at most 60 characters.
    pub categories: Vec<String>,
}

/// The organizer of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Organizer {
    /// The name, at most 120 characters.
    pub name: Option<String>,
    /// The address, if it is a valid one.
    pub email: Option<Email>,
}

/// An entry that cannot be imported.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefusedEntry {
    /// The line of the file on which the entry begins, from 1.
    pub line: usize,
    /// The UID, if it can be read.
    pub uid: Option<String>,
    /// The name, if it can be read.
    pub title: Option<String>,
    /// The reasons, at least one.
    pub reasons: Vec<Reason>,
}

/// One start of an entry, with overrides applied.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryStart<'e> {
    /// The local date by the rule, or of the single start.
    pub local_date: NaiveDate,
    /// The start.
    pub starts_at: DateTime<Utc>,
    /// The duration in minutes.
    pub duration_minutes: u16,
    /// The clock change that affected the start; none for an override, which has its own instant.
    pub note: Option<ClockChange>,
    /// Whether the occurrence takes place.
    pub status: EntryStatus,
    /// The details of the occurrence.
    pub details: &'e EntryDetails,
}

impl CalendarEntry {
    /// The starts of the entry whose local dates are in `window`, including called-off ones. An
    /// override counts by its date in the rule, so that moving an occurrence never duplicates or drops
    /// it.
    #[must_use]
    pub fn starts(&self, window: Window) -> Vec<EntryStart<'_>> {
        match &self.timing {
            Timing::Once(once) => {
                let local_date = once.starts_at.with_timezone(&once.zone).date_naive();
                let within = (window.first()..=window.last()).contains(&local_date);
                let start = || overridden(local_date, *once, self.status, &self.details);
                within.then(start).into_iter().collect()
            }
            Timing::Series { schedule, overrides } => schedule
                .occurrences(window)
                .into_iter()
                .map(|by_rule| match overrides.iter().find(|other| other.local_date == by_rule.local_date) {
                    Some(other) => {
                        let status =
                            if self.status == EntryStatus::Canceled { self.status } else { other.status };
                        overridden(other.local_date, other.once, status, &other.details)
                    }
                    None => EntryStart {
                        local_date: by_rule.local_date,
                        starts_at: by_rule.starts_at,
                        duration_minutes: schedule.fields().duration_minutes,
                        note: by_rule.note,
                        status: self.status,
                        details: &self.details,
                    },
                })
                .collect(),
        }
    }
}

const fn overridden(
    local_date: NaiveDate,
    once: Once,
    status: EntryStatus,
    details: &EntryDetails,
) -> EntryStart<'_> {
    EntryStart {
        local_date,
        starts_at: once.starts_at,
        duration_minutes: once.duration_minutes,
        note: None,
        status,
        details,
    }
}
