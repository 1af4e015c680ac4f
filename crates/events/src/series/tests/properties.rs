//! What holds for all rules: against the definitions, and against a second, naive expansion that
//! asks of each day whether the rule wants it.

use crate::series::*;
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
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

/// All minutes of the day, the small hours, where clocks change, more often.
fn times() -> impl Strategy<Value = NaiveTime> {
    prop_oneof![0_u32..1_440, 0_u32..240, 1_380_u32..1_440]
        .prop_map(|minute| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap())
}

fn rules() -> impl Strategy<Value = String> {
    let some = |of: Vec<&'static str>, n| sample::subsequence(of, 1..=n).prop_map(|s| s.join(","));
    let days = || some(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 7);
    let nth = some(vec!["1MO", "-1FR", "3WE", "5SU", "-5TU", "TH"], 4);
    let month_days = || some(vec!["1", "15", "29", "30", "31", "-1", "-7", "-31"], 5);
    let months = || some(vec!["1", "2", "3", "6", "10", "12"], 4);
    let wkst = sample::select(vec!["MO", "SU", "WE"]);
    let body = prop_oneof![
        3 => (days(), wkst).prop_map(|(days, wkst)| format!("WEEKLY;BYDAY={days};WKST={wkst}")),
        1 => Just("WEEKLY".to_owned()),
        1 => Just("DAILY".to_owned()),
        1 => days().prop_map(|days| format!("DAILY;BYDAY={days}")),
        1 => months().prop_map(|months| format!("DAILY;BYMONTH={months}")),
        1 => nth.prop_map(|days| format!("MONTHLY;BYDAY={days}")),
        1 => month_days().prop_map(|days| format!("MONTHLY;BYMONTHDAY={days}")),
        1 => Just("MONTHLY".to_owned()),
        1 => (months(), days()).prop_map(|(months, days)| format!("YEARLY;BYMONTH={months};BYDAY={days}")),
        1 => Just("YEARLY;BYMONTH=3,10;BYDAY=-1SU".to_owned()),
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

/// Schedules that hold: an end before the first date is refused, rightly.
fn schedules() -> impl Strategy<Value = Schedule> {
    let parts = (zones(), rules(), ends(), dates(), times());
    parts.prop_filter_map("it has a date", |(zone, rule, end, starts_on, local_time)| {
        let rule = rule.parse::<Recurrence>().unwrap().ending(end).unwrap();
        let exdates = [].into();
        Schedule::try_new(ScheduleFields { zone, rule, starts_on, local_time, duration_minutes: 55, exdates })
            .ok()
    })
}

/// Whether the rule of `fields` wants `date`, its end aside, straight from RFC 5545.
fn wants(fields: &ScheduleFields, date: NaiveDate) -> bool {
    let (rule, start) = (&fields.rule, fields.starts_on);
    let length = i64::from(date.num_days_in_month());
    let month_number = |d: NaiveDate| i64::from(d.year()) * 12 + i64::from(d.month0());
    let week_begin = |d: NaiveDate| d - TimeDelta::days(d.weekday().days_since(rule.week_start).into());
    let periods = match rule.frequency() {
        Frequency::Daily => (date - start).num_days(),
        Frequency::Weekly => (week_begin(date) - week_begin(start)).num_weeks(),
        Frequency::Monthly => month_number(date) - month_number(start),
        Frequency::Yearly => (date.year() - start.year()).into(),
    };
    let by_day = |day: &NthWeekday| {
        let nth = i64::from(date.day0()) / 7 + 1;
        let nth_last = -((length - i64::from(date.day())) / 7 + 1);
        day.weekday == date.weekday() && day.nth.is_none_or(|n| [nth, nth_last].contains(&n.into()))
    };
    let by_month_day =
        |day: &i8| [date.day().into(), i64::from(date.day()) - length - 1].contains(&i64::from(*day));
    let unnamed = rule.by_day.is_empty() && rule.by_month_day.is_empty();
    let like_start = match rule.frequency() {
        _ if !unnamed => true,
        Frequency::Daily => true,
        Frequency::Weekly => date.weekday() == start.weekday(),
        Frequency::Monthly => date.day() == start.day(),
        Frequency::Yearly => {
            date.day() == start.day() && (!rule.by_month.is_empty() || date.month() == start.month())
        }
    };
    date >= start
        && periods % i64::from(rule.interval()) == 0
        && like_start
        && (rule.by_day.is_empty() || rule.by_day.iter().any(by_day))
        && (rule.by_month_day.is_empty() || rule.by_month_day.iter().any(by_month_day))
        && (rule.by_month.is_empty() || rule.by_month.iter().any(|m| u32::from(*m) == date.month()))
}

fn year_from(date: NaiveDate) -> Window {
    Window::try_new(date, date + TimeDelta::days(365)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn evt_01_each_start_shows_the_rules_time_on_the_wall(schedule in schedules(), from in dates()) {
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
    fn dates_are_those_that_the_rule_wants(schedule in schedules(), later in 0_i64..800) {
        let fields = schedule.fields();
        let window = year_from(fields.starts_on + TimeDelta::days(later));
        let (count, until) = match fields.rule.end() {
            End::Never => (usize::MAX, NaiveDate::MAX),
            End::Count(count) => (count as usize, NaiveDate::MAX),
            End::Until(until) => (usize::MAX, until),
        };
        let naive: Vec<_> = fields.starts_on.iter_days()
            .take_while(|date| *date <= window.last() && *date <= until)
            .filter(|date| wants(fields, *date))
            .take(count)
            .filter(|date| *date >= window.first())
            .collect();
        let ours: Vec<_> = schedule.occurrences(window).iter().map(|start| start.local_date).collect();
        prop_assert_eq!(ours, naive, "{}", fields.rule);
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
    fn a_rule_prints_as_what_it_is(schedule in schedules()) {
        let json = serde_json::to_string(&schedule).unwrap();
        prop_assert_eq!(serde_json::from_str::<Schedule>(&json).unwrap(), schedule);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}", parts in "(FREQ|COUNT|UNTIL|BYDAY|INTERVAL|;|=|,|-|[0-9]{1,8}|MO|WEEKLY|DAILY|Z|T|é){0,20}") {
        let _ = text.parse::<Recurrence>();
        let _ = Recurrence::parse(&parts, Europe::Rome, NaiveTime::MIN);
    }
}
