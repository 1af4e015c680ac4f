//! The reasons to refuse a file or an entry, and the notes about an imported entry.

use super::{MAX_BYTES, MAX_ENTRIES};
use crate::series::RuleError;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use tryzore_kernel::Problem;

/// The reason to refuse a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The file is larger than [`MAX_BYTES`].
    #[error("the file is larger than {} MiB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// The file has more than [`MAX_ENTRIES`] entries.
    #[error("the file has more than {MAX_ENTRIES} entries")]
    TooManyEntries,
    /// The file is text in UTF-16.
    #[error("the file is UTF-16; export it as UTF-8, as iCalendar wants")]
    Utf16,
    /// The file is not a calendar.
    #[error("this is no iCalendar file: it has no BEGIN:VCALENDAR")]
    NotACalendar,
}

impl CalendarError {
    /// The problem for a caller who sent the file in the field `pointer`.
    #[must_use]
    pub fn problem(&self, pointer: &str) -> Problem {
        Problem::invalid(pointer, self.to_string())
    }
}

/// The reason to refuse an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The entry begins and does not end.
    #[error("it is not closed by END:VEVENT")]
    NotClosed,
    /// A content line is longer than the limit.
    #[error("a line of it is longer than 65,536 bytes")]
    LineTooLong,
    /// A content line is not UTF-8 text.
    #[error("it is not UTF-8 text")]
    NotUtf8,
    /// A content line cannot be parsed.
    #[error("{0}: the line cannot be read")]
    Unreadable(&'static str),
    /// The entry has no UID.
    #[error("it has no UID, so reading the file again would double it")]
    NoUid,
    /// The UID is too long.
    #[error("its UID is longer than 512 characters")]
    UidTooLong,
    /// The entry has no name.
    #[error("it has no SUMMARY")]
    NoTitle,
    /// The entry has no start.
    #[error("it has no DTSTART")]
    NoStart,
    /// The entry is for a whole day.
    #[error("it is for a whole day: a class needs a time at which it starts")]
    AllDay,
    /// A time cannot be parsed.
    #[error("{property}: `{value}` is no time such as 20260105T183000")]
    BadTime {
        /// The property with the time.
        property: &'static str,
        /// The beginning of the text in its place.
        value: String,
    },
    /// A time names an unknown zone.
    #[error("{property}: the zone `{tzid}` is neither an IANA name nor a Windows name that is known")]
    UnknownZone {
        /// The property with the time.
        property: &'static str,
        /// The beginning of the TZID.
        tzid: String,
    },
    /// A local time is on a day that its zone does not have.
    #[error("{0}: there is no such day in its zone")]
    NoSuchDay(&'static str),
    /// A date is outside the supported years.
    #[error("{0}: expected a date from 1970 to 2100")]
    OutOfRange(&'static str),
    /// The entry ends when it starts, or before.
    #[error("it ends when it starts, or before")]
    EndNotAfterStart,
    /// The entry has neither an end nor a duration.
    #[error("it has neither DTEND nor DURATION")]
    NoLength,
    /// The duration cannot be parsed.
    #[error("DURATION: `{0}` is no duration such as PT55M")]
    BadDuration(String),
    /// The entry lasts longer than a day.
    #[error("it lasts longer than a day")]
    TooLong,
    /// The entry does not last whole minutes.
    #[error("it does not last whole minutes")]
    NotWholeMinutes,
    /// A series does not support the rule.
    #[error("RRULE: {0}")]
    Rule(#[from] RuleError),
    /// The rule is not compatible with the other properties.
    #[error("RRULE: {0}")]
    Schedule(String),
    /// A series does not support the property.
    #[error("{property} is not supported: {instead}")]
    NotTaken {
        /// The property.
        property: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The file has a newer revision with the same key.
    #[error("line {by} has a newer revision of it")]
    Superseded {
        /// The line on which the newer revision begins.
        by: usize,
    },
    /// The entry changes an occurrence of a series that was refused.
    #[error("it changes one occurrence of a series that was refused")]
    SeriesRefused,
    /// The entry changes an occurrence of an entry that does not repeat.
    #[error("RECURRENCE-ID: the entry with this UID does not repeat")]
    NotASeries,
    /// The entry changes an occurrence that its series does not have.
    #[error("RECURRENCE-ID: its series has no start at this time")]
    NoSuchOccurrence,
    /// The entry has taken place.
    #[error("it is over: only what is still to come is taken over")]
    Over,
    /// The entry is called off.
    #[error("it is called off: there is nothing to put on the schedule")]
    CalledOff,
    /// The entry changes a date that clients have booked.
    #[error("clients have booked this date or wait for it: change it on the schedule, so that they are told")]
    HasClients,
    /// The entry changes a date that is on the schedule, and whoever imports it may not do that.
    #[error("this date is on the schedule already, and changing it needs the permission `{0}`")]
    NotPermitted(&'static str),
    /// A field is not valid for an event.
    #[error("{field}: {detail}")]
    Field {
        /// The field of the event.
        field: String,
        /// What was expected.
        detail: String,
    },
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A note about an entry that was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryNote {
    /// The local time of the start does not exist.
    #[error("the clock jumps over its start, which moves to {0}")]
    StartInGap(DateTime<Utc>),
    /// The local time of the start exists twice.
    #[error("the clock passes its start twice; the first time is taken, {0}")]
    StartInFold(DateTime<Utc>),
    /// The start has no zone.
    #[error("its times name no zone; they are taken in {0}")]
    NoZone(chrono_tz::Tz),
    /// The series repeats in UTC.
    #[error("it repeats by UTC, so its start moves on the wall when clocks change")]
    SeriesInUtc,
    /// DTSTART is not a date of the rule.
    #[error("its DTSTART is not a date of its rule; the first is {0}")]
    StartNotInRule(NaiveDate),
    /// An EXDATE excludes nothing.
    #[error("EXDATE {0} is no start of the series and leaves nothing out")]
    IdleExdate(String),
    /// A text was truncated.
    #[error("{0} was cut to its longest length")]
    Cut(&'static str),
}

impl Serialize for EntryNote {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
