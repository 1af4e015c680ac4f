//! Properties of all rules: checked against the definitions, and against the `rrule` crate.

use super::{definition, draw};
use crate::series::*;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::{America, Australia, Europe, Tz};
use proptest::{prelude::*, sample, strategy::ValueTree, test_runner::TestRunner};
use std::collections::BTreeSet;

prop_compose! {
    fn dates()(day in 0_i64..4_000) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + TimeDelta::days(day)
    }
}

fn zones() -> impl Strategy<Value = Tz> {
    sample::select(vec![
        Europe::Rome,
        America::New_York,
        America::Nuuk,
        America::Havana,
        Australia::Lord_Howe,
        chrono_tz::Asia::Tokyo,
        chrono_tz::UTC,
    ])
}

/// All minutes of the day; the small hours, in which clocks change, are more frequent.
fn times() -> impl Strategy<Value = NaiveTime> {
    prop_oneof![0_u32..1_440, 0_u32..240, 1_380_u32..1_440]
        .prop_map(|minute| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap())
}

fn ends() -> impl Strategy<Value = End> {
    prop_oneof![
        2 => Just(End::Never),
        1 => (1_u32..200).prop_map(End::Count),
        1 => dates().prop_map(End::Until),
    ]
}

fn half_past_six() -> NaiveTime {
    NaiveTime::from_hms_opt(18, 30, 0).unwrap()
}

fn fields(rule: Recurrence, starts_on: NaiveDate) -> ScheduleFields {
    let (zone, local_time) = (Europe::Rome, half_past_six());
    ScheduleFields { zone, rule, starts_on, local_time, duration_minutes: 55, exdates: [].into() }
}

/// Valid schedules: an end before the first date is refused.
fn schedules() -> impl Strategy<Value = Schedule> {
    let parts = (zones(), draw::rules().prop_filter_map("it is valid", parse), ends(), dates(), times());
    parts.prop_filter_map("it has a date", |(zone, rule, end, starts_on, local_time)| {
        let rule = rule.ending(end).unwrap();
        Schedule::try_new(ScheduleFields { zone, local_time, ..fields(rule, starts_on) }).ok()
    })
}

fn parse(rule: String) -> Option<Recurrence> {
    Recurrence::parse(&rule, Europe::Rome, half_past_six()).ok()
}

fn until(rule: &Recurrence) -> NaiveDate {
    match rule.end() {
        End::Until(until) => until,
        End::Never | End::Count(_) => NaiveDate::MAX,
    }
}

fn count(rule: &Recurrence) -> usize {
    match rule.end() {
        End::Count(count) => count as usize,
        End::Never | End::Until(_) => usize::MAX,
    }
}

/// Whether the `rrule` crate, which knows all parts, has this rule right. It takes days with and without
/// a number as days with both, has no fifth day from the end, and counts the weeks of the year before by
/// the length of this year.
fn is_known_to_rrule(rule: &Recurrence) -> bool {
    let nth = rule.by_day.iter().filter(|day| day.nth.is_some()).count();
    let is_odd = |day: &NthWeekday| day.nth.is_some_and(|nth| nth <= -5);
    (nth == 0 || nth == rule.by_day.len())
        && !rule.by_day.iter().any(is_odd)
        && rule.by_week.iter().all(|week| week.abs() < 52)
}

/// The dates of the rule of `fields` as the `rrule` crate computes them, up to `last`. The crate expands
/// instants, here midnight in UTC, where no clock changes.
fn rrule_dates(fields: &ScheduleFields, last: NaiveDate) -> Vec<NaiveDate> {
    let mut rule = fields.rule.clone();
    // The crate takes every day of a week that is named, where RFC 5545 takes the day of the start.
    if rule.by_day.is_empty() && rule.by_month_day.is_empty() && !rule.by_week.is_empty() {
        rule.by_day = vec![NthWeekday { nth: None, weekday: fields.starts_on.weekday() }];
    }
    rule.end = End::Never;
    // The crate counts positions in the first week from the start, and RFC 5545 from the first day of the week.
    let back = fields.starts_on.weekday().days_since(rule.week_start);
    let back = if rule.frequency == Frequency::Weekly && !rule.by_set_pos.is_empty() { back } else { 0 };
    let first = fields.starts_on - TimeDelta::days(back.into());
    let start: DateTime<rrule::Tz> = rrule::Tz::UTC.from_utc_datetime(&first.and_time(NaiveTime::MIN));
    let text = format!("{rule};UNTIL={}T000000Z", last.format("%Y%m%d"));
    let rule = text.parse::<rrule::RRule<rrule::Unvalidated>>().unwrap().validate(start).unwrap();
    let dates = rrule::RRuleSet::new(start).rrule(rule).limit().into_iter().map(|at| at.date_naive());
    dates.filter(|date| *date >= fields.starts_on).take(count(&fields.rule)).collect()
}

fn year_from(date: NaiveDate) -> Window {
    Window::try_new(date, date + TimeDelta::days(365)).unwrap()
}

proptest! {
    #[test]
    fn evt_01_each_start_has_the_local_time_of_the_rule(schedule in schedules(), from in dates()) {
        let zone = schedule.zone();
        for start in schedule.occurrences(year_from(from)) {
            let wanted = start.local_date.and_time(schedule.fields().local_time);
            let shown = start.starts_at.with_timezone(&zone).naive_local();
            match start.note {
                None => prop_assert_eq!(resolve_local(zone, wanted), Ok(start.starts_at)),
                Some(ClockChange::FoldFirst) => {
                    prop_assert_eq!(shown, wanted);
                    let is_first = matches!(resolve_local(zone, wanted),
                        Err(LocalTimeError::Ambiguous { first, .. }) if first == start.starts_at);
                    prop_assert!(is_first);
                }
                Some(ClockChange::GapShift) => {
                    prop_assert!(shown > wanted && shown - wanted <= TimeDelta::hours(1));
                    let is_move = matches!(resolve_local(zone, wanted),
                        Err(LocalTimeError::Gap { moves_to }) if moves_to == start.starts_at);
                    prop_assert!(is_move);
                }
            }
        }
    }

    #[test]
    fn starts_rise_strictly_and_lie_between_start_and_end(schedule in schedules(), from in dates()) {
        let window = year_from(from);
        let starts = schedule.occurrences(window);
        prop_assert!(starts.len() <= MAX_OCCURRENCES);
        prop_assert!(starts.windows(2).all(|pair| pair[0].starts_at < pair[1].starts_at));
        for start in &starts {
            prop_assert!(start.local_date >= schedule.fields().starts_on);
            prop_assert!((window.first()..=window.last()).contains(&start.local_date));
            if let End::Until(last) = schedule.fields().rule.end() {
                prop_assert!(start.local_date <= last);
            }
        }
    }

    #[test]
    fn dates_are_those_of_the_second_opinion(schedule in schedules(), later in 0_i64..800) {
        let fields = schedule.fields();
        prop_assume!(is_known_to_rrule(&fields.rule));
        let window = year_from(fields.starts_on + TimeDelta::days(later));
        let mut theirs = rrule_dates(fields, window.last().min(until(&fields.rule)));
        theirs.retain(|date| *date >= window.first());
        let ours: Vec<_> = schedule.occurrences(window).iter().map(|start| start.local_date).collect();
        prop_assert_eq!(ours, theirs, "{} from {}", fields.rule, fields.starts_on);
    }

    #[test]
    fn an_exdate_removes_its_date_and_nothing_else(schedule in schedules(), pick in any::<sample::Index>()) {
        let window = year_from(schedule.first_date().unwrap());
        let mut before = schedule.occurrences(window);
        let out = before.remove(pick.index(before.len()));
        let schedule = schedule.excluding(out.local_date).unwrap();
        prop_assert_eq!(schedule.occurrences(window), before);
        prop_assert_eq!(schedule.occurrence(out.local_date), None);
    }

    #[test]
    fn a_printed_rule_parses_to_the_same_rule(schedule in schedules()) {
        let json = serde_json::to_string(&schedule).unwrap();
        prop_assert_eq!(serde_json::from_str::<Schedule>(&json).unwrap(), schedule);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,80}", parts in "(FREQ|COUNT|UNTIL|BYDAY|INTERVAL|;|=|,|-|[0-9]{1,8}|MO|WEEKLY|DAILY|Z|T|é){0,20}") {
        let _ = text.parse::<Recurrence>();
        let _ = Recurrence::parse(&parts, Europe::Rome, NaiveTime::MIN);
    }
}

// Each case asks every day of several years.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.div_ceil(4)))]

    #[test]
    fn dates_are_those_of_the_definition(schedule in schedules(), later in 0_i64..800) {
        let fields = schedule.fields();
        let window = year_from(fields.starts_on + TimeDelta::days(later));
        let defined = definition::dates(&fields.rule, fields.starts_on, window.last().min(until(&fields.rule)));
        let defined = defined.into_iter().take(count(&fields.rule)).filter(|date| *date >= window.first());
        let ours: Vec<_> = schedule.occurrences(window).iter().map(|start| start.local_date).collect();
        prop_assert_eq!(ours, defined.collect::<Vec<_>>(), "{} from {}", fields.rule, fields.starts_on);
    }
}

#[test]
fn every_rule_that_has_a_date_is_taken() {
    const DRAWN: usize = 600;
    let mut runner = TestRunner::deterministic();
    let (mut taken, mut kinds) = (0, BTreeSet::new());
    for _ in 0..DRAWN {
        let draw = (draw::rules(), dates()).new_tree(&mut runner).unwrap();
        let (text, start) = draw.current();
        let refused = match Recurrence::parse(&text, Europe::Rome, half_past_six()) {
            Ok(rule) => {
                Schedule::try_new(fields(rule, start)).err().map(|error| error.into_vec()[0].detail.clone())
            }
            Err(error) => Some(error.to_string()),
        };
        match refused {
            None => {
                taken += 1;
                kinds.extend(text.split([';', '=']).filter(|word| word.starts_with("BY")).map(str::to_owned));
            }
            // A rule is refused for nothing but that it has no date, or too few to choose from.
            Some(why) => assert!(
                why.contains("no date on which it falls")
                    || why.contains("is always")
                    || why.contains("none of these months")
                    || why.contains("never so many days"),
                "{text}: {why}"
            ),
        }
        if let Ok(rule) = Recurrence::parse(&text, Europe::Rome, half_past_six())
            && Schedule::try_new(fields(rule.clone(), start)).is_err()
        {
            let last = start + TimeDelta::days(8 * 365);
            assert_eq!(definition::dates(&rule, start, last), [], "{text} from {start}");
        }
    }
    assert!(taken >= DRAWN * 17 / 20, "{taken} of {DRAWN} rules were taken");
    let parts = ["DAY", "HOUR", "MINUTE", "MONTH", "MONTHDAY", "SECOND", "SETPOS", "WEEKNO", "YEARDAY"];
    assert_eq!(kinds, parts.map(|part| format!("BY{part}")).into(), "each part was drawn");
}
