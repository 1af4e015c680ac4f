//! Times and durations of RFC 5545.

use super::{Reason, property::quote, zones::Zones};
use crate::series::{ClockChange, Recurrence, place};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use icalendar::{
    CalendarDateTime, DatePerhapsTime,
    parser::{ParseString, Property},
};

/// A local time with its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) zone: Tz,
    pub(super) local: NaiveDateTime,
    pub(super) at: DateTime<Utc>,
    pub(super) note: Option<ClockChange>,
    /// Whether the time named its zone.
    pub(super) zoned: bool,
}

/// A time, or a day without a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayOrMoment {
    Day(NaiveDate),
    Moment(Moment),
}

/// Reads the values of one property. The parameters are read once, because a line may have thousands of
/// parameters and thousands of values.
#[derive(Debug)]
pub(super) struct Times<'z> {
    name: &'static str,
    zones: &'z Zones,
    /// The zone that the property names.
    zone: Option<Result<Tz, Reason>>,
}

impl<'z> Times<'z> {
    pub(super) fn of(name: &'static str, property: &Property<'_>, zones: &'z Zones) -> Self {
        let tzid = property.params.iter().find(|one| one.key.as_str().eq_ignore_ascii_case("TZID"));
        let tzid = tzid.map(|one| one.val.as_ref().map_or("", ParseString::as_str));
        let unknown = |tzid| Reason::UnknownZone { property: name, tzid: quote(tzid) };
        let zone = tzid.map(|tzid| zones.find(tzid).ok_or_else(|| unknown(tzid)));
        Self { name, zones, zone }
    }

    /// Reads `value`, which is the whole value or one value of the list.
    pub(super) fn read(&self, value: &str) -> Result<DayOrMoment, Reason> {
        let (name, value) = (self.name, value.trim());
        let bad = || Reason::BadTime { property: name, value: quote(value) };
        // The `icalendar` crate also accepts years of any length and sign, and days of one digit.
        let digits = value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b'Z'));
        if !digits || !matches!(value.len(), 8 | 15 | 16) {
            return Err(bad());
        }
        let alone = Property { name: name.into(), val: value.into(), params: Vec::new() };
        let (zone, local, zoned) = match DatePerhapsTime::try_from(&alone).map_err(|_| bad())? {
            DatePerhapsTime::Date(date) => return in_years(name, date).map(|()| DayOrMoment::Day(date)),
            DatePerhapsTime::DateTime(CalendarDateTime::Utc(at)) => (Tz::UTC, at.naive_utc(), true),
            // A value parsed without its parameters has no zone.
            DatePerhapsTime::DateTime(
                CalendarDateTime::Floating(local) | CalendarDateTime::WithTimezone { date_time: local, .. },
            ) => match self.zone.clone().transpose()? {
                Some(zone) => (zone, local, true),
                None => (self.zones.floating, local, false),
            },
        };
        in_years(name, local.date())?;
        // A leap second (:60) becomes the second before it.
        let local = local.with_nanosecond(0).unwrap_or(local);
        let placed = place(zone, local).ok_or(Reason::NoSuchDay(name))?;
        Ok(DayOrMoment::Moment(Moment { zone, local, at: placed.at, note: placed.note, zoned }))
    }
}

fn in_years(name: &'static str, date: NaiveDate) -> Result<(), Reason> {
    if Recurrence::YEARS.contains(&date.year()) { Ok(()) } else { Err(Reason::OutOfRange(name)) }
}

/// Reads a duration (RFC 5545 section 3.3.6): `PT55M`, `P1DT2H`, `P2W`, with a sign.
pub(super) fn duration(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let rest = rest.strip_prefix('P')?;
    let (days, time) = rest.split_once('T').map_or((rest, None), |(days, time)| (days, Some(time)));
    if days.is_empty() && time.is_none_or(str::is_empty) {
        return None;
    }
    let mut seconds = 0_i64;
    for (part, units) in [
        (days, &[('W', 604_800), ('D', 86_400)][..]),
        (time.unwrap_or(""), &[('H', 3_600), ('M', 60), ('S', 1)][..]),
    ] {
        let mut part = part;
        let mut units = units.iter();
        while !part.is_empty() {
            let end = part.find(|c: char| !c.is_ascii_digit())?;
            let (number, unit) = part.split_at_checked(end)?;
            let letter = unit.chars().next()?;
            // Units come in a fixed order, each at most once.
            let (_, length) = units.find(|(name, _)| *name == letter)?;
            seconds = seconds.checked_add(i64::from(number.parse::<u32>().ok()?).checked_mul(*length)?)?;
            part = unit.get(letter.len_utf8()..)?;
        }
    }
    TimeDelta::try_seconds(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_the_rfc_writes_them() {
        for (text, seconds) in [
            ("PT55M", 3_300),
            ("PT1H30M", 5_400),
            ("P1DT2H", 93_600),
            ("P2W", 1_209_600),
            ("P15DT5H0M20S", 1_314_020),
            ("-PT15M", -900),
            ("+PT15M", 900),
            ("PT0S", 0),
        ] {
            assert_eq!(duration(text), TimeDelta::try_seconds(seconds), "{text}");
        }
        for wrong in [
            "",
            "P",
            "PT",
            "55M",
            "PT55",
            "PTM",
            "PT5M1H",
            "PT5M5M",
            "P1H",
            "PT1D",
            "PT5X",
            "PT99999999999H",
            "Pé",
            "P1é",
        ] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
