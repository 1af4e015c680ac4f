//! Why a file or an entry is refused, and what is worth a second look.

use super::{MAX_BYTES, MAX_ENTRIES};
use crate::series::RuleError;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use tryzore_kernel::Problem;

/// Why a file is refused whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// More bytes than are read.
    #[error("the file is larger than {} MiB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// More entries than are read.
    #[error("the file has more than {MAX_ENTRIES} entries")]
    TooManyEntries,
    /// It is text of another encoding.
    #[error("the file is UTF-16; export it as UTF-8, as iCalendar wants")]
    Utf16,
    /// It is something else.
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

/// Why an entry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It begins and does not end.
    #[error("it is not closed by END:VEVENT")]
    NotClosed,
    /// A content line that is read has more bytes than are read.
    #[error("a line of it is longer than 65,536 bytes")]
    LineTooLong,
    /// A content line that is read is not text.
    #[error("it is not UTF-8 text")]
    NotUtf8,
    /// A content line has no shape.
    #[error("{0}: the line cannot be read")]
    Unreadable(&'static str),
    /// Nothing names it.
    #[error("it has no UID, so reading the file again would double it")]
    NoUid,
    /// Its name is too long to be one.
    #[error("its UID is longer than 512 characters")]
    UidTooLong,
    /// It has no name.
    #[error("it has no SUMMARY")]
    NoTitle,
    /// It does not say when it starts.
    #[error("it has no DTSTART")]
    NoStart,
    /// It is for a whole day.
    #[error("it is for a whole day: a class needs a time at which it starts")]
    AllDay,
    /// A time has no shape.
    #[error("{property}: `{value}` is no time such as 20260105T183000")]
    BadTime {
        /// Whose time.
        property: &'static str,
        /// What stood there, cut short.
        value: String,
    },
    /// A time in a zone that is not known.
    #[error("{property}: the zone `{tzid}` is neither an IANA name nor a Windows name that is known")]
    UnknownZone {
        /// Whose time.
        property: &'static str,
        /// The TZID, cut short.
        tzid: String,
    },
    /// A local time on a day that its zone does not have.
    #[error("{0}: there is no such day in its zone")]
    NoSuchDay(&'static str),
    /// A date too far away.
    #[error("{0}: expected a date from 1970 to 2100")]
    OutOfRange(&'static str),
    /// It ends when it starts, or before.
    #[error("it ends when it starts, or before")]
    EndNotAfterStart,
    /// It does not say how long it is.
    #[error("it has neither DTEND nor DURATION")]
    NoLength,
    /// DURATION has no shape.
    #[error("DURATION: `{0}` is no duration such as PT55M")]
    BadDuration(String),
    /// It is too long for a class.
    #[error("it lasts longer than a day")]
    TooLong,
    /// It ends between two minutes.
    #[error("it does not last whole minutes")]
    NotWholeMinutes,
    /// The rule is none that a series takes.
    #[error("RRULE: {0}")]
    Rule(#[from] RuleError),
    /// The rule does not go with the rest.
    #[error("RRULE: {0}")]
    Schedule(String),
    /// A property that a series does not take.
    #[error("{property} is not taken: {instead}")]
    NotTaken {
        /// Which.
        property: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The file has a newer one with the same key.
    #[error("line {by} has a newer revision of it")]
    Superseded {
        /// Where that begins.
        by: usize,
    },
    /// It changes an occurrence of a series that was refused.
    #[error("it changes one occurrence of a series that was refused")]
    SeriesRefused,
    /// It changes an occurrence of something that happens once.
    #[error("RECURRENCE-ID: the entry with this UID does not repeat")]
    NotASeries,
    /// It changes an occurrence that its series does not have.
    #[error("RECURRENCE-ID: its series has no start at this time")]
    NoSuchOccurrence,
    /// It has taken place.
    #[error("it is over: only what is still to come is taken over")]
    Over,
    /// It will not take place.
    #[error("it is called off: there is nothing to put on the schedule")]
    CalledOff,
    /// No event of this schedule can be like that.
    #[error("{field}: {detail}")]
    Field {
        /// The field of an event.
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

/// Something to look at in an entry that was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryNote {
    /// The clock jumps over the start.
    #[error("the clock jumps over its start, which moves to {0}")]
    StartInGap(DateTime<Utc>),
    /// The clock passes the start twice.
    #[error("the clock passes its start twice; the first time is taken, {0}")]
    StartInFold(DateTime<Utc>),
    /// The start has no zone.
    #[error("its times name no zone; they are taken in {0}")]
    NoZone(chrono_tz::Tz),
    /// A series in UTC.
    #[error("it repeats by UTC, so its start moves on the wall when clocks change")]
    SeriesInUtc,
    /// DTSTART is no date of the rule.
    #[error("its DTSTART is not a date of its rule; the first is {0}")]
    StartNotInRule(NaiveDate),
    /// An EXDATE that excludes nothing.
    #[error("EXDATE {0} is no start of the series and leaves nothing out")]
    IdleExdate(String),
    /// A text that was too long.
    #[error("{0} was cut to its longest length")]
    Cut(&'static str),
}

impl Serialize for EntryNote {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
