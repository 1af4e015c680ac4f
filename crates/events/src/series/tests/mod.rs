//! Cases of start times in series (EVT-01); the properties of all rules are in `properties`, for rules
//! that `draw` makes.

mod definition;
mod draw;
mod properties;
mod rules;

use super::*;
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::{America, Europe, Tz};

pub(super) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn schedule(zone: Tz, rule: &str, starts_on: &str, local_time: &str) -> Schedule {
    let local_time: NaiveTime = local_time.parse().unwrap();
    Schedule::try_new(ScheduleFields {
        zone,
        rule: Recurrence::parse(rule, zone, local_time).unwrap(),
        starts_on: date(starts_on),
        local_time,
        duration_minutes: 60,
        exdates: [].into(),
    })
    .unwrap()
}

/// The starts of `first..=last` as `UTC instant` or `UTC instant note`.
fn starts(schedule: &Schedule, first: &str, last: &str) -> Vec<String> {
    let window = Window::try_new(date(first), date(last)).unwrap();
    let print = |start: &Occurrence| match start.note {
        None => start.starts_at.format("%m-%d %H:%M").to_string(),
        Some(note) => start.starts_at.format("%m-%d %H:%M").to_string() + &format!(" {note:?}"),
    };
    schedule.occurrences(window).iter().map(print).collect()
}

#[test]
fn evt_01_rome_keeps_half_past_six_across_both_changes() {
    let class = schedule(Europe::Rome, "FREQ=WEEKLY;BYDAY=SU,MO", "2026-01-05", "18:30");
    assert_eq!(
        starts(&class, "2026-03-22", "2026-03-30"),
        ["03-22 17:30", "03-23 17:30", "03-29 16:30", "03-30 16:30"]
    );
    assert_eq!(
        starts(&class, "2026-10-18", "2026-10-26"),
        ["10-18 16:30", "10-19 16:30", "10-25 17:30", "10-26 17:30"]
    );
}

#[test]
fn evt_01_new_york_keeps_six_in_the_morning_across_both_changes() {
    let class = schedule(America::New_York, "FREQ=DAILY", "2026-01-01", "06:00");
    assert_eq!(starts(&class, "2026-03-07", "2026-03-09"), ["03-07 11:00", "03-08 10:00", "03-09 10:00"]);
    assert_eq!(starts(&class, "2026-10-31", "2026-11-02"), ["10-31 10:00", "11-01 11:00", "11-02 11:00"]);
}

#[test]
fn evt_01_a_start_in_the_gap_moves_on_and_is_marked() {
    let rome = schedule(Europe::Rome, "FREQ=WEEKLY;BYDAY=SU", "2026-03-01", "02:30");
    assert_eq!(
        starts(&rome, "2026-03-22", "2026-04-05"),
        ["03-22 01:30", "03-29 01:30 GapShift", "04-05 00:30"]
    );
    let york = schedule(America::New_York, "FREQ=WEEKLY;BYDAY=SU", "2026-03-01", "02:30");
    assert_eq!(
        starts(&york, "2026-03-01", "2026-03-15"),
        ["03-01 07:30", "03-08 07:30 GapShift", "03-15 06:30"]
    );
}

#[test]
fn evt_01_a_start_in_the_fold_takes_the_first_instant_and_is_marked() {
    let rome = schedule(Europe::Rome, "FREQ=WEEKLY;BYDAY=SU", "2026-10-04", "02:30");
    assert_eq!(
        starts(&rome, "2026-10-18", "2026-11-01"),
        ["10-18 00:30", "10-25 00:30 FoldFirst", "11-01 01:30"]
    );
    let york = schedule(America::New_York, "FREQ=WEEKLY;BYDAY=SU", "2026-10-04", "01:30");
    assert_eq!(
        starts(&york, "2026-10-25", "2026-11-08"),
        ["10-25 05:30", "11-01 05:30 FoldFirst", "11-08 06:30"]
    );
}

#[test]
fn the_thirty_first_skips_short_months_and_the_last_day_does_not() {
    let rule = schedule(Europe::Rome, "FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-01", "10:00");
    assert_eq!(
        starts(&rule, "2026-01-01", "2026-07-31"),
        ["01-31 09:00", "03-31 08:00", "05-31 08:00", "07-31 08:00"]
    );
    let rule = schedule(Europe::Rome, "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-01", "10:00");
    assert_eq!(
        starts(&rule, "2026-01-01", "2026-04-30"),
        ["01-31 09:00", "02-28 09:00", "03-31 08:00", "04-30 08:00"]
    );
}

#[test]
fn the_leap_day_comes_every_four_years_but_not_in_2100() {
    let rule = schedule(Europe::Rome, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2026-01-01", "10:00");
    assert_eq!(rule.first_date(), Some(date("2028-02-29")));
    assert!(rule.falls_on(date("2032-02-29")) && rule.falls_on(date("2096-02-29")));
    assert!(!rule.falls_on(date("2028-03-01")) && !rule.falls_on(date("2100-03-01")));
}

#[test]
fn the_nth_day_of_the_month_and_the_last_working_day() {
    let rule = schedule(Europe::Rome, "FREQ=MONTHLY;BYDAY=1MO,-1FR", "2026-01-01", "10:00");
    assert_eq!(
        starts(&rule, "2026-05-01", "2026-06-30"),
        ["05-04 08:00", "05-29 08:00", "06-01 08:00", "06-26 08:00"]
    );
    let rule = schedule(Europe::Rome, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01", "10:00");
    assert_eq!(starts(&rule, "2026-05-01", "2026-06-30"), ["05-29 08:00", "06-30 08:00"]);
    // May 2026 has five Saturdays, June and July have four.
    let rule = schedule(Europe::Rome, "FREQ=MONTHLY;BYDAY=-5SA,5SA", "2026-01-01", "10:00");
    assert_eq!(starts(&rule, "2026-05-01", "2026-07-31"), ["05-02 08:00", "05-30 08:00"]);
    let rule = schedule(Europe::Rome, "FREQ=MONTHLY;BYDAY=SU,1MO", "2026-01-01", "10:00");
    assert_eq!(starts(&rule, "2026-06-01", "2026-06-14"), ["06-01 08:00", "06-07 08:00", "06-14 08:00"]);
}

#[test]
fn days_and_weeks_of_the_year_are_those_of_the_examples_of_rfc_5545() {
    for (rule, starts_on, dates) in [
        ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", ["1997-05-19", "1998-05-18", "1999-05-17"]),
        ("FREQ=YEARLY;BYDAY=MO", "1997-12-22", ["1997-12-22", "1997-12-29", "1998-01-05"]),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", ["1997-05-12", "1998-05-11", "1999-05-17"]),
        // Without BYDAY, the day of the week is that of the start.
        ("FREQ=YEARLY;BYWEEKNO=20", "1997-05-12", ["1997-05-12", "1998-05-11", "1999-05-17"]),
        // Week one begins in December of the year before.
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "1997-12-29", ["1997-12-29", "1999-01-04", "2000-01-03"]),
        (
            "FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,200",
            "1997-01-01",
            ["1997-01-01", "1997-04-10", "1997-07-19"],
        ),
        ("FREQ=YEARLY;BYYEARDAY=-1", "1999-12-31", ["1999-12-31", "2000-12-31", "2001-12-31"]),
        ("FREQ=YEARLY;BYYEARDAY=366", "2000-12-31", ["2000-12-31", "2004-12-31", "2008-12-31"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02", ["1998-02-13", "1998-03-13", "1998-11-13"]),
        (
            "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
            "1997-09-04",
            ["1997-09-04", "1997-10-07", "1997-11-06"],
        ),
        // Tuesday is not the first of its week that is named, so the first week has none from the start on.
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1", "2026-06-02", ["2026-06-08", "2026-06-15", "2026-06-22"]),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=-1", "2026-06-02", ["2026-06-02", "2026-06-09", "2026-06-16"]),
        ("FREQ=DAILY;INTERVAL=14;BYDAY=TU", "2026-06-02", ["2026-06-02", "2026-06-16", "2026-06-30"]),
    ] {
        let class = schedule(Europe::Rome, rule, starts_on, "09:00");
        let before = date(starts_on).and_time(NaiveTime::MIN).and_utc();
        let first: Vec<_> = class.upcoming(before).take(3).map(|start| start.local_date).collect();
        assert_eq!(first, dates.map(date), "{rule}");
    }
}

#[test]
fn every_second_week_is_counted_from_the_week_start() {
    // RFC 5545 section 3.8.5.3: the two rules differ by WKST alone.
    let monday =
        schedule(Europe::Rome, "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "09:00");
    assert_eq!(
        starts(&monday, "1997-08-01", "1997-09-30"),
        ["08-05 07:00", "08-10 07:00", "08-19 07:00", "08-24 07:00"]
    );
    let sunday =
        schedule(Europe::Rome, "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "09:00");
    assert_eq!(
        starts(&sunday, "1997-08-01", "1997-09-30"),
        ["08-05 07:00", "08-17 07:00", "08-19 07:00", "08-31 07:00"]
    );
}

#[test]
fn count_includes_excluded_dates() {
    let class = schedule(Europe::Rome, "FREQ=WEEKLY;COUNT=3", "2026-06-01", "18:30");
    let class = class.excluding(date("2026-06-08")).unwrap();
    assert_eq!(starts(&class, "2026-06-01", "2026-12-31"), ["06-01 16:30", "06-15 16:30"]);
    assert!(class.falls_on(date("2026-06-08")) && class.occurrence(date("2026-06-08")).is_none());
    assert!(!class.falls_on(date("2026-06-22")));
}

#[test]
fn a_series_can_be_ended_on_a_date() {
    let class = schedule(Europe::Rome, "FREQ=WEEKLY", "2026-06-01", "18:30");
    let ended = class.clone().ending_on(date("2026-06-15")).unwrap();
    assert_eq!(starts(&ended, "2026-06-01", "2026-12-31").len(), 3);
    let error = class.ending_on(date("2026-05-31")).unwrap_err();
    assert_eq!(error.pointers(), ["/rule"]);
}

#[test]
fn a_start_earlier_today_is_not_upcoming() {
    let class = schedule(Europe::Rome, "FREQ=DAILY", "2026-06-01", "18:30");
    let at = |text: &str| text.parse().unwrap();
    assert_eq!(class.occurrences_after(at("2026-06-10T16:29:59Z"), 7).len(), 7);
    assert_eq!(class.occurrences_after(at("2026-06-10T16:30:00Z"), 7).len(), 6);
}

#[test]
fn a_day_that_the_zone_left_out_has_no_start() {
    let class = schedule(chrono_tz::Pacific::Apia, "FREQ=DAILY", "2011-12-01", "18:00");
    assert_eq!(starts(&class, "2011-12-29", "2011-12-31"), ["12-30 04:00", "12-31 04:00"]);
}

#[test]
fn an_answer_is_bounded_by_its_window() {
    let class = schedule(Europe::Rome, "FREQ=DAILY", "1970-01-01", "18:30");
    let year = Window::try_new(date("2099-12-31"), date("2100-12-31")).unwrap();
    assert_eq!(class.occurrences(year).len(), MAX_OCCURRENCES);
    let out_of_reach = Window::try_new(date("2100-12-31"), date("2101-06-30")).unwrap();
    assert_eq!(class.occurrences(out_of_reach).len(), 1);
}

#[test]
fn a_schedule_names_each_invalid_field() {
    let good = schedule(Europe::Rome, "FREQ=WEEKLY;UNTIL=20261231", "2026-06-01", "18:30").fields().clone();
    let bad = ScheduleFields { starts_on: date("1969-12-31"), duration_minutes: 0, ..good.clone() };
    let problem: tryzore_kernel::Problem = Schedule::try_new(bad).unwrap_err().into();
    let pointers: Vec<_> = problem.errors.iter().map(|e| e.pointer.as_str()).collect();
    assert_eq!((problem.status, pointers), (422, vec!["/starts_on", "/duration_minutes"]));
    for (minutes, holds) in [(1, true), (1_440, true), (1_441, false)] {
        let fields = ScheduleFields { duration_minutes: minutes, ..good.clone() };
        assert_eq!(Schedule::try_new(fields).is_ok(), holds, "{minutes}");
    }
    for (start, holds) in [("2026-12-31", true), ("2027-01-01", false)] {
        assert_eq!(
            Schedule::try_new(ScheduleFields { starts_on: date(start), ..good.clone() }).is_ok(),
            holds
        );
    }
    let many = |n| (0..n).map(|d| date("2026-06-01") + chrono::TimeDelta::days(d)).collect();
    for (n, holds) in [(1_000, true), (1_001, false)] {
        assert_eq!(
            Schedule::try_new(ScheduleFields { exdates: many(n), ..good.clone() }).is_ok(),
            holds,
            "{n}"
        );
    }
}

#[test]
fn a_schedule_survives_json() {
    let class = schedule(Europe::Rome, "FREQ=MONTHLY;BYDAY=1MO", "2026-06-01", "18:30");
    let json = serde_json::to_value(&class).unwrap();
    assert_eq!(
        (json["zone"].as_str(), json["rule"].as_str()),
        (Some("Europe/Rome"), Some("FREQ=MONTHLY;BYDAY=1MO"))
    );
    assert_eq!(serde_json::from_value::<Schedule>(json).unwrap(), class);
}
