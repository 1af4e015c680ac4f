//! What a calendar file says, in the words of this crate.

use super::{EntryNote, Reason};
use crate::series::{ClockChange, Schedule, Window};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use tryzore_kernel::Email;

/// What a calendar file holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalendarImport {
    /// The name of the calendar, when it has one (X-WR-CALNAME, NAME).
    pub name: Option<String>,
    /// What can be taken over, in the order of the file.
    pub entries: Vec<CalendarEntry>,
    /// What can't, in the order of the file.
    pub refused: Vec<RefusedEntry>,
}

/// What names an entry across exports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct EntryKey {
    /// The UID; at most 512 characters.
    pub uid: String,
    /// For one occurrence of a series: the instant that it has by the rule (RECURRENCE-ID).
    pub recurrence: Option<DateTime<Utc>>,
}

/// One start, or a series of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalendarEntry {
    /// What names it across exports.
    pub key: EntryKey,
    /// The line of the file on which it begins, from 1.
    pub line: usize,
    /// Its revision; higher is newer.
    pub sequence: u32,
    /// When it was last changed (LAST-MODIFIED, else DTSTAMP).
    pub changed_at: Option<DateTime<Utc>>,
    /// Whether it takes place.
    pub status: EntryStatus,
    /// What it is.
    pub details: EntryDetails,
    /// When it is.
    pub timing: Timing,
    /// What was noticed while reading it: nothing that stops it, something to look at.
    pub notes: Vec<EntryNote>,
}

/// When an entry is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// Once.
    Once(Once),
    /// Again and again.
    Series {
        /// Its starts.
        schedule: Schedule,
        /// The occurrences that are not as the rule has them, by their dates.
        overrides: Vec<Override>,
    },
}

/// One stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Once {
    /// The zone in which it was written down.
    pub zone: Tz,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// How long it lasts in minutes, 1 to [`Schedule::MAX_MINUTES`].
    pub duration_minutes: u16,
}

/// One occurrence of a series that is not as the rule has it: moved, renamed or called off.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Override {
    /// What names it across exports; `recurrence` is set.
    pub key: EntryKey,
    /// The line of the file on which it begins, from 1.
    pub line: usize,
    /// The local date that the rule gives it.
    pub local_date: NaiveDate,
    /// Its revision.
    pub sequence: u32,
    /// Whether it takes place.
    pub status: EntryStatus,
    /// What it is; what it does not say itself is the series'.
    pub details: EntryDetails,
    /// When it is.
    pub once: Once,
}

/// Whether an entry takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    /// It does.
    Scheduled,
    /// It may.
    Tentative,
    /// It does not.
    Canceled,
}

/// What an entry is. Texts are trimmed and without control characters but line feeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryDetails {
    /// Its name, 1 to 200 characters.
    pub title: String,
    /// More about it, at most 4,000 characters.
    pub description: Option<String>,
    /// Where it is, at most 200 characters.
    pub location: Option<String>,
    /// Who gives it.
    pub organizer: Option<Organizer>,
    /// What kind of thing it is; at most 20, each of at most 60 characters.
    pub categories: Vec<String>,
}

/// Who gives an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Organizer {
    /// The name, at most 120 characters.
    pub name: Option<String>,
    /// The address, when it is one.
    pub email: Option<Email>,
}

/// An entry that cannot be taken over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefusedEntry {
    /// The line of the file on which it begins, from 1.
    pub line: usize,
    /// Its UID, when it has one that can be read.
    pub uid: Option<String>,
    /// Its name, when it has one that can be read.
    pub title: Option<String>,
    /// Why: at least one.
    pub reasons: Vec<Reason>,
}

/// One start of an entry, overrides applied.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryStart<'e> {
    /// The local date by the rule, or of the one start.
    pub local_date: NaiveDate,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// How long it lasts in minutes.
    pub duration_minutes: u16,
    /// What the clock did to it; none for an override, which names its own instant.
    pub note: Option<ClockChange>,
    /// Whether it takes place.
    pub status: EntryStatus,
    /// What it is.
    pub details: &'e EntryDetails,
}

impl CalendarEntry {
    /// The starts of the entry whose local dates are in `window`, called-off ones too. An
    /// override counts by the date that it had, so that moving one never doubles or drops it.
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
