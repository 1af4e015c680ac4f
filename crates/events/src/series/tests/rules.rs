//! Valid and invalid rules.

use super::{date, schedule};
use crate::series::{End, Recurrence, RuleError, Schedule, ScheduleFields, Weekly};
use chrono::{NaiveTime, Weekday};
use chrono_tz::Europe;

fn parse(text: &str) -> Result<Recurrence, RuleError> {
    Recurrence::parse(text, Europe::Rome, NaiveTime::from_hms_opt(18, 30, 0).unwrap())
}

fn weekly(weekdays: &[Weekday]) -> Weekly {
    Weekly { interval: 1, weekdays: weekdays.to_vec(), until: None, count: None }
}

#[test]
fn prints_one_text_however_it_was_made() {
    let fields =
        Weekly { interval: 2, until: Some(date("2026-12-31")), ..weekly(&[Weekday::Wed, Weekday::Mon]) };
    let rule = Recurrence::try_from(fields).unwrap();
    assert_eq!(rule.to_string(), "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231;BYDAY=MO,WE");
    assert_eq!(parse("RRULE:freq=weekly;byday=we,mo,we;until=20261231;interval=2;"), Ok(rule));
    for text in [
        "FREQ=MONTHLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=-1FR,5FR",
        "FREQ=YEARLY;INTERVAL=4;COUNT=3;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=MONTHLY;BYMONTHDAY=-1,15",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;WKST=SU",
    ] {
        let printed = parse(text).unwrap().to_string();
        assert_eq!(printed.parse(), parse(text), "{text}");
    }
}

#[test]
fn until_is_the_last_date_whose_start_is_not_after_it() {
    for (until, last) in [
        ("20261025", "2026-10-25"),
        ("20261025T183000", "2026-10-25"),
        ("20261025T182959", "2026-10-24"),
        ("20261025T173000Z", "2026-10-25"),
        ("20261025T172959Z", "2026-10-24"),
        ("20260714T163000Z", "2026-07-14"),
        ("20260714T162959Z", "2026-07-13"),
        ("20260714T235959Z", "2026-07-14"),
    ] {
        assert_eq!(
            parse(&format!("FREQ=DAILY;UNTIL={until}")).unwrap().end(),
            End::Until(date(last)),
            "{until}"
        );
    }
    assert!("FREQ=DAILY;UNTIL=20261025T173000Z".parse::<Recurrence>().is_err(), "an instant needs a zone");
}

#[test]
fn limits_hold_on_both_sides() {
    for (text, holds) in [
        ("FREQ=DAILY;COUNT=1", true),
        ("FREQ=DAILY;COUNT=0", false),
        ("FREQ=DAILY;COUNT=1000", true),
        ("FREQ=DAILY;COUNT=1001", false),
        ("FREQ=DAILY;INTERVAL=366", true),
        ("FREQ=DAILY;INTERVAL=367", false),
        ("FREQ=DAILY;INTERVAL=0", false),
        ("FREQ=MONTHLY;BYDAY=5MO", true),
        ("FREQ=MONTHLY;BYDAY=6MO", false),
        ("FREQ=YEARLY;BYDAY=53MO,-53MO", true),
        ("FREQ=YEARLY;BYDAY=54MO", false),
        ("FREQ=YEARLY;BYDAY=0MO", false),
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=5MO", true),
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=6MO", false),
        ("FREQ=YEARLY;BYYEARDAY=366,-366", true),
        ("FREQ=YEARLY;BYYEARDAY=367", false),
        ("FREQ=YEARLY;BYYEARDAY=-367", false),
        ("FREQ=YEARLY;BYYEARDAY=0", false),
        ("FREQ=YEARLY;BYWEEKNO=53,-53", true),
        ("FREQ=YEARLY;BYWEEKNO=54", false),
        ("FREQ=YEARLY;BYWEEKNO=-54", false),
        ("FREQ=YEARLY;BYWEEKNO=0", false),
        ("FREQ=MONTHLY;BYMONTHDAY=31", true),
        ("FREQ=MONTHLY;BYMONTHDAY=32", false),
        ("FREQ=DAILY;BYMONTH=12", true),
        ("FREQ=DAILY;BYMONTH=13", false),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", true),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", false),
        ("FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=-30", true),
        ("FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=-31", false),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5", true),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-6", false),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13,14;BYSETPOS=2", true),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13,14;BYSETPOS=3", false),
        ("FREQ=YEARLY;BYMONTH=1,2;BYDAY=1MO;BYSETPOS=2", true),
        ("FREQ=YEARLY;BYMONTH=1,2;BYDAY=1MO;BYSETPOS=3", false),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=53", true),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=54", false),
        ("FREQ=YEARLY;BYYEARDAY=1,2;BYSETPOS=-2", true),
        ("FREQ=YEARLY;BYYEARDAY=1,2;BYSETPOS=-3", false),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=TU;BYSETPOS=2", true),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=TU;BYSETPOS=3", false),
        ("FREQ=YEARLY;BYMONTH=1,2;BYSETPOS=2", true),
        ("FREQ=YEARLY;BYMONTH=1,2;BYSETPOS=3", false),
        ("FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=2", true),
        ("FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=3", false),
        ("FREQ=DAILY;BYMONTH=6;BYSETPOS=1", true),
        ("FREQ=DAILY;BYMONTH=6;BYSETPOS=2", false),
        ("FREQ=DAILY;BYHOUR=18;BYMINUTE=30;BYSECOND=0", true),
        ("FREQ=DAILY;BYHOUR=17", false),
        ("FREQ=DAILY;BYMINUTE=31", false),
        ("FREQ=DAILY;BYSECOND=1", false),
        ("FREQ=DAILY;UNTIL=21001231", true),
        ("FREQ=DAILY;UNTIL=21010101", false),
    ] {
        assert_eq!(parse(text).is_ok(), holds, "{text}");
    }
}

#[test]
fn an_invalid_rule_is_refused_with_the_name_of_its_part() {
    let long = format!("FREQ=DAILY;BYMONTHDAY={}", "1,".repeat(500_000));
    for (text, says) in [
        ("", "FREQ: is missing"),
        ("INTERVAL=2", "FREQ: is missing"),
        ("FREQ=SECONDLY", "FREQ: SECONDLY is not supported"),
        ("FREQ=MINUTELY;COUNT=5", "FREQ: MINUTELY is not supported"),
        ("FREQ=HOURLY", "FREQ: HOURLY is not supported"),
        ("FREQ=SOMETIMES", "FREQ: `SOMETIMES` is none of"),
        ("FREQ=DAILY;COUNT=1000000000", "COUNT: expected 1 to 1000"),
        ("FREQ=DAILY;COUNT=99999999999999999999", "COUNT: `99999999999999999999` is no number"),
        ("FREQ=DAILY;COUNT=5;UNTIL=20261231", "COUNT: COUNT and UNTIL exclude each other"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL: `TOMORROW` is no date"),
        ("FREQ=DAILY;UNTIL=20260230", "UNTIL: `20260230` is no date"),
        ("FREQ=DAILY;BYSECOND=1,2,3", "BYSECOND: expected 0, as in the start: a series has one start time"),
        (
            "FREQ=DAILY;BYHOUR=18,19",
            "BYHOUR: expected 18, as in the start: a series has one start time a day",
        ),
        ("FREQ=DAILY;BYMINUTE=x", "BYMINUTE: `X` is no number"),
        ("FREQ=MONTHLY;BYWEEKNO=20", "BYWEEKNO: needs FREQ=YEARLY"),
        ("FREQ=DAILY;BYYEARDAY=100", "BYYEARDAY: needs FREQ=YEARLY"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", "BYDAY: the nth day of the week does not go with BYWEEKNO"),
        ("FREQ=YEARLY;BYEASTER=0", "BYEASTER is not supported"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ is given twice"),
        ("FREQ", "`FREQ` has no value"),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY: `` is none of MO"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY: `XX` is none of MO"),
        ("FREQ=WEEKLY;BYDAY=àé", "BYDAY: `àé` is none of MO"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY: the nth day of the week needs FREQ=MONTHLY or YEARLY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY: does not go with FREQ=WEEKLY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS: needs another part to choose from"),
        ("FREQ=WEEKLY;WKST=8", "WKST: `8` is none of MO"),
        (&long, "longer than 512 characters"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn a_rule_without_a_date_is_refused_before_it_costs_anything() {
    let good = schedule(Europe::Rome, "FREQ=DAILY", "2026-06-01", "18:30").fields().clone();
    for text in [
        "FREQ=MONTHLY;BYDAY=5MO,-1MO;BYSETPOS=2",
        "FREQ=DAILY;INTERVAL=366;BYMONTH=2;BYMONTHDAY=30,29;UNTIL=20260701",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
    ] {
        let fields = ScheduleFields { rule: parse(text).unwrap(), ..good.clone() };
        let error = Schedule::try_new(fields).unwrap_err();
        assert!(error.to_string().contains("there is no date on which it falls"), "{text}: {error}");
    }
}

#[test]
fn the_first_date_comes_within_eight_years() {
    let good = schedule(Europe::Rome, "FREQ=DAILY", "2026-06-02", "18:30").fields().clone();
    // Both fall on the second of June 2034 or on the day after, and not in June 2026.
    for (text, first) in [
        ("FREQ=MONTHLY;INTERVAL=96;BYDAY=FR;BYMONTHDAY=2", Some("2034-06-02")),
        ("FREQ=MONTHLY;INTERVAL=96;BYDAY=SA;BYMONTHDAY=3", None),
        ("FREQ=DAILY;BYDAY=FR;BYMONTH=6;BYMONTHDAY=2", Some("2028-06-02")),
        ("FREQ=DAILY;BYDAY=TU;BYMONTH=2;BYMONTHDAY=29", Some("2028-02-29")),
        ("FREQ=DAILY;BYDAY=MO;BYMONTH=2;BYMONTHDAY=29", None),
    ] {
        let made = Schedule::try_new(ScheduleFields { rule: parse(text).unwrap(), ..good.clone() });
        assert_eq!(made.ok().and_then(|schedule| schedule.first_date()), first.map(date), "{text}");
    }
}

#[test]
fn days_that_whole_weeks_apart_never_reach_are_named() {
    let tuesday = |text: &str| ScheduleFields {
        rule: parse(text).unwrap(),
        ..schedule(Europe::Rome, "FREQ=DAILY", "2026-06-02", "18:30").fields().clone()
    };
    let first = |text: &str| Schedule::try_new(tuesday(text)).map(|schedule| schedule.first_date());
    assert_eq!(first("FREQ=DAILY;INTERVAL=14;BYDAY=MO,TU"), Ok(Some(date("2026-06-02"))));
    assert_eq!(first("FREQ=DAILY;INTERVAL=13;BYDAY=MO"), Ok(Some(date("2026-06-15"))));
    let error = first("FREQ=DAILY;INTERVAL=14;BYDAY=MO,WE").unwrap_err();
    let why = "BYDAY: every 14 days from the start is always TU, which is not named";
    assert!(error.to_string().contains(why), "{error}");
}

#[test]
fn the_longest_rule_can_be_stored_when_it_gets_an_end() {
    let of = |days: std::ops::RangeInclusive<u16>| {
        let days: Vec<_> = days.map(|day| day.to_string()).collect();
        format!("FREQ=YEARLY;BYYEARDAY={}", days.join(","))
    };
    // 512 characters: 22 of them are the beginning, and each day has four but the last one.
    let longest = of(100..=221) + ",99";
    assert_eq!(longest.len(), 512);
    assert!(parse(&(longest.clone() + "0")).is_err());
    let ended = parse(&longest).unwrap().ending(End::Until(date("2030-12-31"))).unwrap();
    assert_eq!(ended.to_string().parse(), Ok(ended));
}

#[test]
fn structured_fields_are_named_in_their_errors() {
    let refused = |fields: Weekly| {
        Recurrence::try_from(fields).unwrap_err().problem_in_fields("/weekly").errors.remove(0).pointer
    };
    let monday = weekly(&[Weekday::Mon]);
    assert_eq!(refused(weekly(&[])), "/weekly/weekdays");
    assert_eq!(refused(Weekly { interval: 0, ..monday.clone() }), "/weekly/interval");
    assert_eq!(refused(Weekly { count: Some(1_001), ..monday.clone() }), "/weekly/count");
    assert_eq!(refused(Weekly { until: Some(date("2101-01-01")), ..monday.clone() }), "/weekly/until");
    assert_eq!(
        refused(Weekly { count: Some(1), until: Some(date("2026-01-01")), ..monday }),
        "/weekly/count"
    );
    let text = parse("FREQ=DAILY;COUNT=0").unwrap_err().problem_in_text("/rule");
    assert_eq!((text.errors[0].pointer.as_str(), text.status), ("/rule", 422));
}

#[test]
fn weekly_fields_come_from_json() {
    let fields: Weekly = serde_json::from_str(r#"{"weekdays": ["mon", "Wed"], "count": 10}"#).unwrap();
    assert_eq!(Recurrence::try_from(fields).unwrap().to_string(), "FREQ=WEEKLY;COUNT=10;BYDAY=MO,WE");
    assert!(serde_json::from_str::<Weekly>(r#"{"weekdays": ["mon"], "hours": [1]}"#).is_err());
}
