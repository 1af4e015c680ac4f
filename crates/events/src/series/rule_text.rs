//! A rule as text: the value of an RRULE line (RFC 5545 section 3.3.10), read strictly.
//!
//! A part that a series does not support is refused by its name, and a valid rule prints as the one
//! text that is stored.
//!
//! ```text
//! FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231;BYDAY=MO,WE
//! ```

use super::{
    place,
    rule::{End, Frequency, NthWeekday, Recurrence, RuleError, RulePart, both_ends},
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest text that is read. A rule prints as a text that is no longer, and may get another end
/// later, which [`MAX_STORED`] allows for.
const MAX_TEXT: usize = 512;
const MAX_STORED: usize = MAX_TEXT + ";UNTIL=20261231".len();

impl Recurrence {
    /// Reads the value of an RRULE line (a leading `RRULE:` is allowed) of a series that starts
    /// at `local_time` in `zone`. UNTIL may be a date, a local time or an instant (`…Z`): it
    /// becomes the last local date whose start is not after it. BYHOUR, BYMINUTE and BYSECOND must be
    /// those of `local_time`.
    pub fn parse(text: &str, zone: Tz, local_time: NaiveTime) -> Result<Self, RuleError> {
        read(text, MAX_TEXT, Some(local_time), |until| until.last_date(zone, local_time))
    }
}

impl FromStr for Recurrence {
    type Err = RuleError;

    /// Parses the printed form, in which UNTIL is a date.
    fn from_str(text: &str) -> Result<Self, RuleError> {
        read(text, MAX_STORED, None, |until| match until {
            Until::Date(date) => Some(date),
            Until::Local(_) | Until::Instant(_) => None,
        })
    }
}

fn read(
    text: &str,
    longest: usize,
    local_time: Option<NaiveTime>,
    last_date: impl Fn(Until) -> Option<NaiveDate>,
) -> Result<Recurrence, RuleError> {
    use RulePart::{
        Count, Frequency as Freq, Hours, Interval, Minutes, MonthDays, Months, Positions, Rule, Seconds,
        WeekStart, Weekdays, Weeks, YearDays,
    };
    let text = text.trim();
    let text = text.strip_prefix("RRULE:").unwrap_or(text);
    if text.len() > longest {
        return Err(RuleError::new(Rule, format!("longer than {longest} characters")));
    }
    let mut rule = Recurrence::bare(Frequency::Weekly);
    let mut seen: Vec<String> = Vec::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (key, value) = part
            .split_once('=')
            .map(|(key, value)| (key.trim().to_ascii_uppercase(), value.trim().to_ascii_uppercase()))
            .ok_or_else(|| RuleError::new(Rule, format!("`{part}` has no value")))?;
        let value = value.as_str();
        if seen.contains(&key) {
            return Err(RuleError::new(Rule, format!("{key} is given twice")));
        }
        match key.as_str() {
            "FREQ" => rule.frequency = frequency(value)?,
            "INTERVAL" => rule.interval = number(Interval, value)?,
            "COUNT" if rule.end != End::Never => return Err(both_ends()),
            "COUNT" => rule.end = End::Count(number(Count, value)?),
            "UNTIL" if rule.end != End::Never => return Err(both_ends()),
            "UNTIL" => {
                let date = Until::read(value).and_then(&last_date);
                rule.end = End::Until(date.ok_or_else(|| {
                    RuleError::new(RulePart::Until, format!("`{value}` is no date such as 20261231"))
                })?);
            }
            "BYDAY" => rule.by_day = list(value, nth_weekday)?,
            "BYMONTHDAY" => rule.by_month_day = list(value, |one| number(MonthDays, one))?,
            "BYYEARDAY" => rule.by_year_day = list(value, |one| number(YearDays, one))?,
            "BYWEEKNO" => rule.by_week = list(value, |one| number(Weeks, one))?,
            "BYMONTH" => rule.by_month = list(value, |one| number(Months, one))?,
            "BYHOUR" => is_of_start(Hours, value, local_time.map(|time| time.hour()))?,
            "BYMINUTE" => is_of_start(Minutes, value, local_time.map(|time| time.minute()))?,
            "BYSECOND" => is_of_start(Seconds, value, local_time.map(|time| time.second()))?,
            "BYSETPOS" => rule.by_set_pos = list(value, |one| number(Positions, one))?,
            "WKST" => rule.week_start = weekday(value).ok_or_else(|| no_weekday(WeekStart, value))?,
            other => return Err(RuleError::new(Rule, format!("{} is not supported", cut(other)))),
        }
        seen.push(key);
    }
    if !seen.iter().any(|key| key == "FREQ") {
        return Err(RuleError::new(Freq, "is missing"));
    }
    if rule.by_day.is_empty() && seen.iter().any(|key| key == "BYDAY") {
        return Err(RuleError::new(Weekdays, "at least one day of the week"));
    }
    if !rule.by_set_pos.is_empty() && !seen.iter().any(|key| key.starts_with("BY") && key != "BYSETPOS") {
        return Err(RuleError::new(Positions, "needs another part to choose from, such as BYDAY"));
    }
    rule.checked()
}

/// Checks that BYHOUR, BYMINUTE or BYSECOND names what `start`, the start of the series, has: then it
/// says nothing more than the start does.
fn is_of_start(part: RulePart, value: &str, start: Option<u32>) -> Result<(), RuleError> {
    let named: Vec<u32> = list(value, |one| number(part, one))?;
    match start {
        Some(start) if named.iter().all(|one| *one == start) => Ok(()),
        Some(start) => Err(RuleError::new(
            part,
            format!("expected {start}, as in the start: a series has one start time a day"),
        )),
        None => Err(RuleError::new(part, "is not supported: a series has one start time a day")),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(32).collect()
}

fn list<T>(value: &str, one: impl Fn(&str) -> Result<T, RuleError>) -> Result<Vec<T>, RuleError> {
    value.split(',').map(one).collect()
}

fn number<T: FromStr>(part: RulePart, value: &str) -> Result<T, RuleError> {
    value.parse().map_err(|_| RuleError::new(part, format!("`{}` is no number within its range", cut(value))))
}

fn frequency(value: &str) -> Result<Frequency, RuleError> {
    let refuse = |detail: String| Err(RuleError::new(RulePart::Frequency, detail));
    match value {
        "DAILY" => Ok(Frequency::Daily),
        "WEEKLY" => Ok(Frequency::Weekly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "YEARLY" => Ok(Frequency::Yearly),
        "HOURLY" | "MINUTELY" | "SECONDLY" => {
            refuse(format!("{value} is not supported: a series starts at most once a day"))
        }
        other => refuse(format!("`{}` is none of DAILY, WEEKLY, MONTHLY, YEARLY", cut(other))),
    }
}

fn no_weekday(part: RulePart, value: &str) -> RuleError {
    RuleError::new(part, format!("`{}` is none of MO, TU, WE, TH, FR, SA, SU", cut(value)))
}

fn nth_weekday(value: &str) -> Result<NthWeekday, RuleError> {
    let refuse = || no_weekday(RulePart::Weekdays, value);
    let (nth, day) = value.split_at_checked(value.len().saturating_sub(2)).ok_or_else(refuse)?;
    let weekday = weekday(day).ok_or_else(refuse)?;
    let nth = match nth {
        "" => None,
        nth => Some(number(RulePart::Weekdays, nth)?),
    };
    Ok(NthWeekday { nth, weekday })
}

fn weekday(code: &str) -> Option<Weekday> {
    (0..7).filter_map(|n| Weekday::try_from(n).ok()).find(|day| day_code(*day) == code)
}

pub(super) const fn day_code(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

/// The three forms of UNTIL.
#[derive(Debug, Clone, Copy)]
enum Until {
    Date(NaiveDate),
    Local(NaiveDateTime),
    Instant(DateTime<Utc>),
}

impl Until {
    fn read(value: &str) -> Option<Self> {
        const TIME: &str = "%Y%m%dT%H%M%S";
        match (value.len(), value.strip_suffix('Z')) {
            (8, None) => NaiveDate::parse_from_str(value, "%Y%m%d").ok().map(Self::Date),
            (15, None) => NaiveDateTime::parse_from_str(value, TIME).ok().map(Self::Local),
            (16, Some(utc)) => {
                NaiveDateTime::parse_from_str(utc, TIME).ok().map(|at| Self::Instant(at.and_utc()))
            }
            _ => None,
        }
    }

    /// The last date whose start at `local_time` in `zone` is not after this UNTIL.
    fn last_date(self, zone: Tz, local_time: NaiveTime) -> Option<NaiveDate> {
        let (date, too_late) = match self {
            Self::Date(date) => (date, false),
            Self::Local(at) => (at.date(), local_time > at.time()),
            Self::Instant(at) => {
                let date = at.with_timezone(&zone).date_naive();
                (date, place(zone, date.and_time(local_time)).is_some_and(|start| start.at > at))
            }
        };
        if too_late { date.pred_opt() } else { Some(date) }
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frequency = match self.frequency {
            Frequency::Daily => "DAILY",
            Frequency::Weekly => "WEEKLY",
            Frequency::Monthly => "MONTHLY",
            Frequency::Yearly => "YEARLY",
        };
        write!(f, "FREQ={frequency}")?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        match self.end {
            End::Never => {}
            End::Count(count) => write!(f, ";COUNT={count}")?,
            End::Until(date) => write!(f, ";UNTIL={}", date.format("%Y%m%d"))?,
        }
        print_list(f, "BYMONTH", &self.by_month)?;
        print_list(f, "BYWEEKNO", &self.by_week)?;
        print_list(f, "BYYEARDAY", &self.by_year_day)?;
        print_list(f, "BYMONTHDAY", &self.by_month_day)?;
        print_list(f, "BYDAY", &self.by_day)?;
        print_list(f, "BYSETPOS", &self.by_set_pos)?;
        if self.week_start != Weekday::Mon {
            write!(f, ";WKST={}", day_code(self.week_start))?;
        }
        Ok(())
    }
}

fn print_list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, key: &str, list: &[T]) -> fmt::Result {
    for (n, one) in list.iter().enumerate() {
        match n {
            0 => write!(f, ";{key}={one}")?,
            _ => write!(f, ",{one}")?,
        }
    }
    Ok(())
}

impl Serialize for Recurrence {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Recurrence {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
