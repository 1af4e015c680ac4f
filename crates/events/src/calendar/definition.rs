//! The definition of a zone in a VTIMEZONE: which UTC offset begins when (RFC 5545 section 3.6.5).
//!
//! Schedules use zones of the database, so a definition is mapped to the database zone that has the
//! same offsets on every day of the compared years.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;

/// The highest number of observances that are read from one definition.
const MAX_OBSERVANCES: usize = 64;
/// The first of the compared days: a definition by rules is the same in all years.
const FIRST_DAY: (i32, u32, u32) = (2026, 1, 1);
const DAYS: u64 = 3 * 365;

/// A definition while it is read.
#[derive(Debug, Default)]
pub(super) struct Definition {
    observances: Vec<Observance>,
}

/// STANDARD or DAYLIGHT.
#[derive(Debug, Default)]
struct Observance {
    starts: Option<NaiveDateTime>,
    from: Option<i32>,
    to: Option<i32>,
    rule: Option<Yearly>,
    /// Whether a part of the observance is not understood.
    is_odd: bool,
}

/// A rule for the nth weekday of a month, each year.
#[derive(Debug)]
struct Yearly {
    month: u32,
    nth: i8,
    weekday: Weekday,
    until: Option<NaiveDate>,
}

impl Definition {
    /// Begins a STANDARD or DAYLIGHT observance.
    pub(super) fn begin(&mut self) {
        if self.observances.len() < MAX_OBSERVANCES {
            self.observances.push(Observance::default());
        }
    }

    /// Adds a property to the observance that began last.
    pub(super) fn property(&mut self, name: &[u8], value: &str) {
        let Some(last) = self.observances.last_mut() else { return };
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("DTSTART") {
            last.starts = NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%S").ok();
        } else if is("TZOFFSETFROM") {
            last.from = offset(value);
        } else if is("TZOFFSETTO") {
            last.to = offset(value);
        } else if is("RRULE") {
            last.rule = Yearly::parse(value);
            last.is_odd |= last.rule.is_none();
        } else if is("RDATE") || is("EXDATE") {
            last.is_odd = true;
        }
    }

    /// The UTC offset on each compared day; none when the definition does not determine it.
    pub(super) fn days(&self) -> Option<Vec<i32>> {
        // Several observances without a rule list past changes, and say nothing about future ones.
        let lasts = |one: &Observance| one.rule.as_ref().is_some_and(|rule| rule.until.is_none());
        if self.observances.len() > 1 && !self.observances.iter().any(lasts) {
            return None;
        }
        let mut onsets = Vec::new();
        for one in &self.observances {
            if one.is_odd {
                return None;
            }
            one.onsets(&mut onsets)?;
        }
        onsets.sort_unstable();
        let day = |at: NaiveDateTime| {
            let next = onsets.partition_point(|(onset, _)| *onset <= at);
            onsets.get(next.checked_sub(1)?).map(|(_, to)| *to)
        };
        noons()?.map(day).collect()
    }
}

/// Whether `zone` has the UTC offsets `days` on the compared days.
pub(super) fn is_like(zone: Tz, days: &[i32]) -> bool {
    let Some(noons) = noons() else { return false };
    let shown = |at: NaiveDateTime| zone.offset_from_utc_datetime(&at).fix().local_minus_utc();
    noons.zip(days).all(|(at, day)| shown(at) == *day)
}

fn noons() -> Option<impl Iterator<Item = NaiveDateTime>> {
    let (year, month, day) = FIRST_DAY;
    let first = NaiveDate::from_ymd_opt(year, month, day)?;
    let noon = NaiveTime::from_hms_opt(12, 0, 0)?;
    Some((0..DAYS).filter_map(move |days| Some(first.checked_add_days(Days::new(days))?.and_time(noon))))
}

impl Observance {
    /// The changes of the observance, in UTC, as far as they affect the compared days.
    fn onsets(&self, onsets: &mut Vec<(NaiveDateTime, i32)>) -> Option<()> {
        let (starts, from, to) = (self.starts?, self.from?, self.to?);
        let utc = |local: NaiveDateTime| local.checked_sub_signed(TimeDelta::seconds(from.into()));
        onsets.push((utc(starts)?, to));
        let Some(rule) = &self.rule else { return Some(()) };
        for year in FIRST_DAY.0 - 1..=FIRST_DAY.0 + 3 {
            let date = rule.date(year)?;
            let is_on = date > starts.date() && rule.until.is_none_or(|until| date <= until);
            if is_on {
                onsets.push((utc(date.and_time(starts.time()))?, to));
            }
        }
        Some(())
    }
}

impl Yearly {
    fn parse(text: &str) -> Option<Self> {
        let (mut month, mut day, mut until) = (None, None, None);
        for part in text.split(';') {
            let (key, value) = part.split_once('=')?;
            match &*key.trim().to_ascii_uppercase() {
                "FREQ" if value.eq_ignore_ascii_case("YEARLY") => {}
                "INTERVAL" if value == "1" => {}
                "WKST" => {}
                "BYMONTH" => month = Some(value.parse().ok().filter(|month| (1..=12).contains(month))?),
                "BYDAY" => {
                    let (nth, name) = value.split_at_checked(value.len().checked_sub(2)?)?;
                    let nth: i8 = nth.parse().ok().filter(|nth| *nth != 0)?;
                    day = Some((nth, weekday(name)?));
                }
                "UNTIL" => until = Some(NaiveDate::parse_from_str(value.get(..8)?, "%Y%m%d").ok()?),
                _ => return None,
            }
        }
        let (nth, weekday) = day?;
        Some(Self { month: month?, nth, weekday, until })
    }

    fn date(&self, year: i32) -> Option<NaiveDate> {
        if self.nth > 0 {
            let nth = u8::try_from(self.nth).ok()?;
            return NaiveDate::from_weekday_of_month_opt(year, self.month, self.weekday, nth);
        }
        let (next_year, next_month) =
            if self.month == 12 { (year.checked_add(1)?, 1) } else { (year, self.month + 1) };
        let last = NaiveDate::from_ymd_opt(next_year, next_month, 1)?.pred_opt()?;
        let back = (7 + last.weekday().num_days_from_monday() - self.weekday.num_days_from_monday()) % 7;
        let weeks = u64::from(self.nth.unsigned_abs() - 1);
        last.checked_sub_days(Days::new(u64::from(back) + 7 * weeks))
            .filter(|date| date.month() == self.month)
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match &*name.to_ascii_uppercase() {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

/// Parses an offset to seconds from UTC: `+0200`, `-053000`.
fn offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |part| part.parse::<i32>().ok());
    Some(sign * (part(0)? * 3600 + part(2)? * 60 + part(4)?))
}
