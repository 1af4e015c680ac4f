//! The recurrence rule of a series: the local dates of its occurrences.
//!
//! A [`Recurrence`] is the part of RFC 5545's RRULE that a schedule can mean: DAILY, WEEKLY, MONTHLY or
//! YEARLY, at most once a day. A series has one start time, and two classes a day are two series, so
//! rules that repeat within a day are refused: HOURLY and shorter, and a BYHOUR, BYMINUTE or BYSECOND
//! that names another time than the start of the series.
//!
//! A rule is created from structured weekly fields ([`Weekly`]) or from text ([`Recurrence::parse`]),
//! is always valid, and prints as the same canonical text however it was created. Its end is a count or
//! the last local date; an UNTIL that is an instant is converted to a date when the text is parsed, so
//! that a stored rule does not depend on a zone.

use chrono::{NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::fmt;
use tryzore_kernel::Problem;

/// How often a rule repeats, before the interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Each day.
    Daily,
    /// Each week.
    Weekly,
    /// Each month.
    Monthly,
    /// Each year.
    Yearly,
}

/// When a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The rule does not end.
    Never,
    /// The rule ends after this many dates, including excluded ones (RFC 5545 COUNT).
    Count(u32),
    /// The rule ends with this local date, included.
    Until(NaiveDate),
}

/// A day of the week, or only the nth such day of a month, or of a year in a YEARLY rule without
/// BYMONTH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NthWeekday {
    /// 1 to 5 from the start of the month, -1 to -5 from its end; up to 53 in a year. None for every
    /// such day.
    pub nth: Option<i8>,
    /// The day.
    pub weekday: Weekday,
}

/// A recurrence rule: the local dates on which a series falls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    pub(super) frequency: Frequency,
    pub(super) interval: u16,
    pub(super) by_day: Vec<NthWeekday>,
    pub(super) by_month_day: Vec<i8>,
    pub(super) by_year_day: Vec<i16>,
    pub(super) by_week: Vec<i8>,
    pub(super) by_month: Vec<u8>,
    pub(super) by_set_pos: Vec<i16>,
    pub(super) week_start: Weekday,
    pub(super) end: End,
}

/// A weekly rule as structured fields: these days of every nth week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weekly {
    /// Every week (1, the default), every second week (2) …
    #[serde(default = "every")]
    pub interval: u16,
    /// The days (`"mon"`), at least one.
    pub weekdays: Vec<Weekday>,
    /// The last local date, included.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// The number of dates; not together with `until`.
    #[serde(default)]
    pub count: Option<u32>,
}

const fn every() -> u16 {
    1
}

/// The part of a rule to which an error applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RulePart {
    /// The rule as a whole.
    Rule,
    /// FREQ.
    Frequency,
    /// INTERVAL.
    Interval,
    /// BYDAY, `weekdays`.
    Weekdays,
    /// BYMONTHDAY.
    MonthDays,
    /// BYYEARDAY.
    YearDays,
    /// BYWEEKNO.
    Weeks,
    /// BYMONTH.
    Months,
    /// BYHOUR.
    Hours,
    /// BYMINUTE.
    Minutes,
    /// BYSECOND.
    Seconds,
    /// BYSETPOS.
    Positions,
    /// WKST.
    WeekStart,
    /// COUNT.
    Count,
    /// UNTIL.
    Until,
}

impl RulePart {
    /// The name of the part in the text of a rule.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Rule => "RRULE",
            Self::Frequency => "FREQ",
            Self::Interval => "INTERVAL",
            Self::Weekdays => "BYDAY",
            Self::MonthDays => "BYMONTHDAY",
            Self::YearDays => "BYYEARDAY",
            Self::Weeks => "BYWEEKNO",
            Self::Months => "BYMONTH",
            Self::Hours => "BYHOUR",
            Self::Minutes => "BYMINUTE",
            Self::Seconds => "BYSECOND",
            Self::Positions => "BYSETPOS",
            Self::WeekStart => "WKST",
            Self::Count => "COUNT",
            Self::Until => "UNTIL",
        }
    }

    /// The name of the part as a field of [`Weekly`], or its name in text if there is no such field.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Frequency => "frequency",
            Self::Interval => "interval",
            Self::Weekdays => "weekdays",
            Self::MonthDays => "month_days",
            Self::YearDays => "year_days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::Hours => "hours",
            Self::Minutes => "minutes",
            Self::Seconds => "seconds",
            Self::Positions => "positions",
            Self::WeekStart => "week_start",
            Self::Count => "count",
            Self::Until => "until",
        }
    }
}

/// The reason for which a rule is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct RuleError {
    /// The part of the rule that is invalid.
    pub part: RulePart,
    /// What was expected.
    pub detail: String,
}

impl RuleError {
    pub(super) fn new(part: RulePart, detail: impl Into<String>) -> Self {
        Self { part, detail: detail.into() }
    }

    fn text(&self) -> String {
        match self.part {
            RulePart::Rule => self.detail.clone(),
            part => format!("{}: {}", part.key(), self.detail),
        }
    }

    /// The problem for a caller who sent the rule as text in the field `pointer` (`/rule`).
    #[must_use]
    pub fn problem_in_text(&self, pointer: &str) -> Problem {
        Problem::invalid(pointer, self.to_string())
    }

    /// The problem for a caller who sent the rule as fields of the object `pointer` (`/weekly`).
    #[must_use]
    pub fn problem_in_fields(&self, pointer: &str) -> Problem {
        Problem::invalid(format!("{pointer}/{}", self.part.field()), self.detail.clone())
    }
}

impl TryFrom<Weekly> for Recurrence {
    type Error = RuleError;

    fn try_from(weekly: Weekly) -> Result<Self, RuleError> {
        let end = match (weekly.count, weekly.until) {
            (None, None) => End::Never,
            (Some(count), None) => End::Count(count),
            (None, Some(until)) => End::Until(until),
            (Some(_), Some(_)) => return Err(both_ends()),
        };
        if weekly.weekdays.is_empty() {
            return Err(RuleError::new(RulePart::Weekdays, "at least one day of the week"));
        }
        let by_day = weekly.weekdays.into_iter().map(|weekday| NthWeekday { nth: None, weekday }).collect();
        Self { by_day, interval: weekly.interval, end, ..Self::bare(Frequency::Weekly) }.checked()
    }
}

pub(super) fn both_ends() -> RuleError {
    RuleError::new(RulePart::Count, "COUNT and UNTIL exclude each other")
}

impl Recurrence {
    /// The highest COUNT: close to three years of a daily class.
    pub const MAX_COUNT: u32 = 1_000;
    /// The highest INTERVAL.
    pub const MAX_INTERVAL: u16 = 366;
    /// The years in which a series may lie; the transitions of the zones are known up to the last year.
    pub const YEARS: std::ops::RangeInclusive<i32> = 1970..=2100;

    pub(super) const fn bare(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_year_day: Vec::new(),
            by_week: Vec::new(),
            by_month: Vec::new(),
            by_set_pos: Vec::new(),
            week_start: Weekday::Mon,
            end: End::Never,
        }
    }

    /// How often the rule repeats, before the interval.
    #[must_use]
    pub const fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The interval: every nth day, week, month or year.
    #[must_use]
    pub const fn interval(&self) -> u16 {
        self.interval
    }

    /// The days of the week that the rule names, in order from Monday.
    #[must_use]
    pub fn weekdays(&self) -> &[NthWeekday] {
        &self.by_day
    }

    /// The end of the rule.
    #[must_use]
    pub const fn end(&self) -> End {
        self.end
    }

    /// The same rule with another end.
    pub fn ending(self, end: End) -> Result<Self, RuleError> {
        Self { end, ..self }.checked()
    }
}

pub(super) const OUT_OF_RANGE: &str = "expected a date from 1970 to 2100";

/// Whether a series may lie on `date`.
pub(super) fn in_range(date: NaiveDate) -> bool {
    use chrono::Datelike;
    Recurrence::YEARS.contains(&date.year())
}

impl fmt::Display for NthWeekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        f.write_str(super::rule_text::day_code(self.weekday))
    }
}
