//! The dates of a rule by the definition of RFC 5545 section 3.3.10, word by word: each day is asked
//! whether every part names it. Slow, and as little like `dates` as possible.

use crate::series::{Frequency, Recurrence};
use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// The dates that `rule` has in a series that starts on `start`, up to `last`, whatever its end.
pub(super) fn dates(rule: &Recurrence, start: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
    let mut periods: BTreeMap<i64, Vec<NaiveDate>> = BTreeMap::new();
    // From a day before every period that the start can be in, to the end of the last day's period.
    let first = NaiveDate::from_ymd_opt(start.year(), 1, 1).unwrap() - Days::new(7);
    let days = first.iter_days().take_while(|day| *day <= last + Days::new(366));
    for day in days.filter(|day| has(rule, start, *day)) {
        let period = period(rule, start, day);
        if period >= 0 && period % i64::from(rule.interval) == 0 {
            periods.entry(period).or_default().push(day);
        }
    }
    let chosen = periods.into_values().flat_map(|days| choose(rule, &days));
    chosen.filter(|day| (start..=last).contains(day)).collect()
}

fn choose(rule: &Recurrence, days: &[NaiveDate]) -> BTreeSet<NaiveDate> {
    if rule.by_set_pos.is_empty() {
        return days.iter().copied().collect();
    }
    let is_chosen = |place: usize| {
        let from_start = i16::try_from(place + 1).unwrap();
        let from_end = -i16::try_from(days.len() - place).unwrap();
        rule.by_set_pos.contains(&from_start) || rule.by_set_pos.contains(&from_end)
    };
    days.iter().enumerate().filter(|(place, _)| is_chosen(*place)).map(|(_, day)| *day).collect()
}

/// How many days, weeks, months or years after the start a day is.
fn period(rule: &Recurrence, start: NaiveDate, day: NaiveDate) -> i64 {
    let years = i64::from(day.year() - start.year());
    match rule.frequency {
        Frequency::Daily => (day - start).num_days(),
        Frequency::Weekly => (week(rule, day) - week(rule, start)).num_weeks(),
        Frequency::Monthly => years * 12 + i64::from(day.month()) - i64::from(start.month()),
        Frequency::Yearly => years,
    }
}

fn has(rule: &Recurrence, start: NaiveDate, day: NaiveDate) -> bool {
    let names_days = !rule.by_day.is_empty() || !rule.by_month_day.is_empty() || !rule.by_year_day.is_empty();
    // What the rule does not say is as in the start.
    let is_like_start = match rule.frequency {
        Frequency::Daily => true,
        _ if names_days => true,
        Frequency::Weekly => day.weekday() == start.weekday(),
        Frequency::Monthly => day.day() == start.day(),
        Frequency::Yearly if !rule.by_week.is_empty() => day.weekday() == start.weekday(),
        Frequency::Yearly => {
            day.day() == start.day() && (!rule.by_month.is_empty() || day.month() == start.month())
        }
    };
    let is_named =
        |list: &[i16], nth: (i16, i16)| list.is_empty() || list.contains(&nth.0) || list.contains(&nth.1);
    let month = |day: NaiveDate| (day.year(), day.month());
    let of_month = among(day, 1, |other| month(other) == month(day));
    let of_year = among(day, 1, |other| other.year() == day.year());
    let wide = |list: &[i8]| list.iter().map(|one| i16::from(*one)).collect::<Vec<_>>();
    is_like_start
        && (rule.by_month.is_empty() || rule.by_month.iter().any(|month| u32::from(*month) == day.month()))
        && is_named(&wide(&rule.by_month_day), of_month)
        && is_named(&rule.by_year_day, of_year)
        && is_named(&wide(&rule.by_week), week_number(rule, day))
        && (rule.by_day.is_empty()
            || rule.by_day.iter().any(|named| {
                let in_year = rule.frequency == Frequency::Yearly && rule.by_month.is_empty();
                let nth = among(day, 7, |other| {
                    if in_year { other.year() == day.year() } else { month(other) == month(day) }
                });
                let nths: Vec<i16> = named.nth.into_iter().map(i16::from).collect();
                named.weekday == day.weekday() && is_named(&nths, nth)
            }))
}

/// The place of `day` among the days that are whole steps away from it and still `within`: from the
/// start, and from the end.
fn among(day: NaiveDate, step: i64, within: impl Fn(NaiveDate) -> bool) -> (i16, i16) {
    let count = |step: i64| (0..).take_while(|n| within(day + TimeDelta::days(step * n))).count();
    (i16::try_from(count(-step)).unwrap(), -i16::try_from(count(step)).unwrap())
}

/// The first day of the week of `day`.
fn week(rule: &Recurrence, day: NaiveDate) -> NaiveDate {
    (0..7).map(|n| day - Days::new(n)).find(|day| day.weekday() == rule.week_start).unwrap()
}

/// The number of the week of `day`: from the start of the year to which the week belongs, and from its end.
fn week_number(rule: &Recurrence, day: NaiveDate) -> (i16, i16) {
    // Week one is the first with four days in the year, so it begins between the 29th of December and
    // the 4th of January.
    let week_one = |year: i32| {
        let latest = NaiveDate::from_ymd_opt(year, 1, 4).unwrap();
        (0..7).map(|n| latest - Days::new(n)).find(|day| day.weekday() == rule.week_start).unwrap()
    };
    let year = (day.year() - 1..=day.year() + 1).rev().find(|year| week_one(*year) <= day).unwrap();
    let (since, until) = (day - week_one(year), week_one(year + 1) - week(rule, day));
    let number = i16::try_from(since.num_weeks() + 1).unwrap();
    if rule.week_start == Weekday::Mon {
        assert_eq!(i16::try_from(day.iso_week().week()).unwrap(), number, "{day}");
    }
    (number, -i16::try_from(until.num_weeks()).unwrap())
}
