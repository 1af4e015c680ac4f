//! Properties of all rules: checked against the definitions, and against the `rrule` crate.

use crate::series::*;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::{America, Australia, Europe, Tz};
use proptest::{prelude::*, sample};

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

fn rules() -> impl Strategy<Value = String> {
    let some = |of: Vec<&'static str>, n| sample::subsequence(of, 1..=n).prop_map(|s| s.join(","));
    let days = || some(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 7);
    // The `rrule` crate does not support -5TU, and treats days with and without a number as days with
    // both. `the_nth_day_of_the_month_and_the_last_working_day` tests these.
    let nth = some(vec!["1MO", "-1FR", "3WE", "5SU", "-4TU"], 4);
    let month_days = || some(vec!["1", "15", "29", "30", "31", "-1", "-7", "-31"], 5);
    let months = || some(vec!["1", "2", "3", "6", "10", "12"], 4);
    let wkst = sample::select(vec!["MO", "SU", "WE"]);
    let position = || some(vec!["1", "2", "-1", "-2"], 2);
    let body = prop_oneof![
        3 => (days(), wkst).prop_map(|(days, wkst)| format!("WEEKLY;BYDAY={days};WKST={wkst}")),
        1 => Just("WEEKLY".to_owned()),
        1 => Just("DAILY".to_owned()),
        1 => days().prop_map(|days| format!("DAILY;BYDAY={days}")),
        1 => months().prop_map(|months| format!("DAILY;BYMONTH={months}")),
        1 => nth.prop_map(|days| format!("MONTHLY;BYDAY={days}")),
        1 => month_days().prop_map(|days| format!("MONTHLY;BYMONTHDAY={days}")),
        1 => (days(), position()).prop_map(|(days, n)| format!("MONTHLY;BYDAY={days};BYSETPOS={n}")),
        1 => (days(), month_days()).prop_map(|(days, n)| format!("MONTHLY;BYDAY={days};BYMONTHDAY={n}")),
        1 => Just("MONTHLY".to_owned()),
        1 => (months(), days()).prop_map(|(months, days)| format!("YEARLY;BYMONTH={months};BYDAY={days}")),
        1 => Just("YEARLY;BYMONTH=3,10;BYDAY=-1SU".to_owned()),
        1 => (months(), days(), position())
            .prop_map(|(months, days, n)| format!("YEARLY;BYMONTH={months};BYDAY={days};BYSETPOS={n}")),
        1 => month_days().prop_map(|days| format!("YEARLY;BYMONTHDAY={days}")),
        1 => Just("YEARLY".to_owned()),
    ];
    (body, 1_u16..5).prop_map(|(body, interval)| format!("FREQ={body};INTERVAL={interval}"))
}

fn ends() -> impl Strategy<Value = End> {
    prop_oneof![
        2 => Just(End::Never),
        1 => (1_u32..200).prop_map(End::Count),
        1 => dates().prop_map(End::Until),
    ]
}

/// Valid schedules: an end before the first date is refused.
fn schedules() -> impl Strategy<Value = Schedule> {
    let parts = (zones(), rules(), ends(), dates(), times());
    parts.prop_filter_map("it has a date", |(zone, rule, end, starts_on, local_time)| {
        let rule = rule.parse::<Recurrence>().unwrap().ending(end).unwrap();
        let exdates = [].into();
        Schedule::try_new(ScheduleFields { zone, rule, starts_on, local_time, duration_minutes: 55, exdates })
            .ok()
    })
}

/// The dates of the rule of `fields` as the `rrule` crate computes them, without UNTIL. The crate
/// expands instants, here midnight in UTC, where no clock changes.
fn rrule_dates(fields: &ScheduleFields) -> impl Iterator<Item = NaiveDate> {
    let end = match fields.rule.end() {
        End::Until(_) => End::Never,
        end => end,
    };
    let text = fields.rule.clone().ending(end).unwrap().to_string();
    let start: DateTime<rrule::Tz> =
        rrule::Tz::UTC.from_utc_datetime(&fields.starts_on.and_time(NaiveTime::MIN));
    let rule = text.parse::<rrule::RRule<rrule::Unvalidated>>().unwrap().validate(start).unwrap();
    rrule::RRuleSet::new(start).rrule(rule).limit().into_iter().map(|at| at.date_naive())
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
        let window = year_from(fields.starts_on + TimeDelta::days(later));
        let until = match fields.rule.end() {
            End::Until(until) => until,
            End::Never | End::Count(_) => NaiveDate::MAX,
        };
        let theirs: Vec<_> = rrule_dates(fields)
            .take_while(|date| *date <= window.last() && *date <= until)
            .filter(|date| *date >= window.first())
            .collect();
        let ours: Vec<_> = schedule.occurrences(window).iter().map(|start| start.local_date).collect();
        prop_assert_eq!(ours, theirs, "{}", fields.rule);
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
