//! Changes of single dates that come after their series, or before it.

use super::{calendar_store::*, *};
use crate::{CalendarReport, EventState, UseCaseError, import_calendar};
use futures::executor::block_on;

const WEEKLY: &str = "RRULE:FREQ=WEEKLY\n";

fn yoga() -> String {
    entry("yoga", "20260302T180000", WEEKLY)
}

/// The change of the date `id` of the weekly class, which begins on the 2nd of March at six.
fn change(id: &str, start: &str, more: &str) -> String {
    entry("yoga", start, &format!("RECURRENCE-ID;TZID=Europe/Rome:{id}T180000\n{more}"))
}

fn off(id: &str) -> String {
    change(id, &format!("{id}T180000"), "STATUS:CANCELLED\n")
}

/// How many changes were made, how many entries were there already, and why others are refused.
fn outcome(report: &CalendarReport) -> (u32, u32, Vec<String>) {
    assert!(adds_up(report), "{report:?}");
    (report.changed_dates, report.unchanged, reasons(report).into_iter().map(|(_, why)| why).collect())
}

fn kinds(memory: &TestStaff) -> Vec<&str> {
    memory.sent.iter().map(|event| &*event.kind).filter(|kind| *kind != "events.scheduled").collect()
}

#[test]
fn a_change_that_was_refused_and_is_corrected_is_made() {
    let mut memory = TestStaff::new();
    let too_short = change("20260309", "20260309T200000", "").replace("PT1H", "PT2M");
    let first = memory.taken(&[yoga(), too_short].concat());
    assert_eq!((first.created_series, first.refused.len()), (1, 1));
    assert_eq!(memory.starts("yoga")[..2], ["03-02 17:00", "03-09 17:00"]);
    let corrected = [yoga(), change("20260309", "20260309T200000", "")].concat();
    assert_eq!(outcome(&memory.taken(&corrected)), (1, 1, vec![]));
    assert_eq!(memory.starts("yoga")[..3], ["03-02 17:00", "03-09 19:00", "03-16 17:00"]);
    assert_eq!(kinds(&memory), ["events.series_extended", "events.rescheduled"]);
    assert_eq!(outcome(&memory.taken(&corrected)), (0, 2, vec![]));
    // A later revision is left alone, as everything that was imported.
    let again = [yoga(), change("20260309", "20260309T210000", "SEQUENCE:2\n")].concat();
    assert_eq!(outcome(&memory.taken(&again)), (0, 2, vec![]));
}

#[test]
fn a_change_that_comes_after_its_series_is_made_with_or_without_the_series() {
    for series in [yoga(), String::new()] {
        let known = u32::from(!series.is_empty());
        let mut memory = TestStaff::new();
        memory.taken(&yoga());
        let changes = [
            change("20260309", "20260310T190000", ""),
            off("20260316"),
            change("20260323", "20260323T180000", "LOCATION:Hall\n")
                .replace("SUMMARY:yoga", "SUMMARY:Yoga for two"),
            // Beyond the eight weeks: one called off, one moved.
            off("20260803"),
            change("20260907", "20260907T200000", ""),
        ];
        let all = series + &changes.concat();
        let dry = memory.import(calendar(&all).as_bytes(), defaults(), true).unwrap();
        let report = memory.taken(&all);
        assert_eq!(dry, report);
        assert_eq!(outcome(&report), (5, known, vec![]));
        assert_eq!(report.scheduled, 1, "the one that was moved beyond the eight weeks");
        assert_eq!(memory.starts("yoga")[..3], ["03-02 17:00", "03-10 18:00", "03-30 16:00"]);
        assert_eq!(memory.starts("yoga").last().map(String::as_str), Some("09-07 18:00"));
        assert_eq!(memory.starts("Yoga for two"), ["03-23 17:00"]);
        assert_eq!(memory.event_at("2026-03-23T17:00:00Z").location, "Hall");
        assert_eq!(memory.event_at("2026-03-16T17:00:00Z").state, EventState::Canceled);
        let exdates: Vec<_> = memory.series[0].fields().exdates.iter().map(ToString::to_string).collect();
        assert_eq!(exdates, ["2026-08-03"]);
        assert_eq!(memory.audit.last().unwrap().action, "calendar.import");
        assert_eq!(outcome(&memory.taken(&all)), (0, known + 5, vec![]));
    }
}

#[test]
fn what_staff_have_changed_since_stays() {
    let mut memory = TestStaff::new();
    memory.taken(&yoga());
    let called_off = memory.event_at("2026-03-09T17:00:00Z");
    *called_off = called_off.clone().call_off().unwrap();
    let renamed = memory.event_at("2026-03-16T17:00:00Z");
    (renamed.name, renamed.version) = ("Pilates".into(), 2);
    // Staff have moved this one, and moved it back.
    memory.event_at("2026-03-23T17:00:00Z").version = 3;
    let changes = ["20260309", "20260316", "20260323"].map(|id| change(id, &format!("{id}T200000"), ""));
    let before = memory.events.clone();
    assert_eq!(outcome(&memory.taken(&changes.concat())), (0, 3, vec![]));
    assert_eq!(memory.events, before);
    memory.series[0].version = 2;
    assert_eq!(outcome(&memory.taken(&change("20260330", "20260330T200000", ""))), (0, 1, vec![]));
}

#[test]
fn a_date_with_clients_is_refused_and_left() {
    let mut memory = TestStaff::new();
    memory.taken(&yoga());
    let booked = memory.event_at("2026-03-09T17:00:00Z").id;
    memory.booked.insert(booked);
    for entry in [change("20260309", "20260309T200000", ""), off("20260309")] {
        let (changed, _, why) = outcome(&memory.taken(&entry));
        assert!(
            changed == 0 && why.len() == 1 && why[0].starts_with("clients have booked this date"),
            "{why:?}"
        );
    }
    assert_eq!(memory.event_at("2026-03-09T17:00:00Z").state, EventState::Scheduled);
    // To repeat what the schedule says concerns nobody.
    let same = change("20260309", "20260309T180000", "");
    assert_eq!(outcome(&memory.taken(&same)), (0, 1, vec![]));
}

#[test]
fn dates_on_the_schedule_are_changed_only_by_who_may_change_them() {
    let changes = [
        (change("20260309", "20260309T200000", ""), "events.edit_all"),
        (off("20260309"), "events.cancel"),
        (off("20260803"), "events.edit_all"),
    ];
    for (entry, needs) in changes {
        for held in [
            &["events.create", "events.edit_all"][..],
            &["events.create", "events.cancel"],
            &["events.create"],
        ] {
            let mut memory = TestStaff::new();
            memory.held = held;
            memory.taken(&yoga());
            let (changed, _, why) = outcome(&memory.taken(&entry));
            assert_eq!(changed == 1, held.contains(&needs), "{held:?}: {why:?}");
            assert_eq!(
                why.iter().any(|why| why.ends_with(&format!("needs the permission `{needs}`"))),
                changed == 0
            );
        }
    }
    // A date that is not there yet needs no more than to create events.
    let mut memory = TestStaff::new();
    memory.held = &["events.create"];
    memory.taken(&yoga());
    assert_eq!(outcome(&memory.taken(&change("20260907", "20260907T200000", ""))), (1, 0, vec![]));
}

#[test]
fn a_change_of_a_date_that_the_series_does_not_have_is_refused() {
    let mut memory = TestStaff::new();
    memory.taken(&yoga());
    for id in ["20260310", "20260303"] {
        let (changed, _, why) = outcome(&memory.taken(&change(id, &format!("{id}T200000"), "")));
        assert_eq!((changed, why), (0, vec!["RECURRENCE-ID: its series has no start at this time".into()]));
    }
}

#[test]
fn a_change_that_names_its_day_is_one_with_its_series_in_either_order() {
    for id in ["RECURRENCE-ID;VALUE=DATE:20260309\n", "RECURRENCE-ID;TZID=Europe/Rome:20260309T000000\n"] {
        let change = entry("yoga", "20260310T190000", id);
        let mut memory = TestStaff::new();
        assert_eq!(memory.taken(&change).created_events, 1);
        let report = memory.taken(&[yoga(), change.clone()].concat());
        assert_eq!((report.created_series, report.changed_dates, report.unchanged), (1, 0, 1));
        assert_eq!(memory.starts("yoga")[..3], ["03-02 17:00", "03-10 18:00", "03-16 17:00"], "{id}");
        assert_eq!(outcome(&memory.taken(&change)), (0, 1, vec![]));
        let mut memory = TestStaff::new();
        memory.taken(&yoga());
        assert_eq!(outcome(&memory.taken(&change)), (1, 0, vec![]));
        assert_eq!(memory.starts("yoga")[..3], ["03-02 17:00", "03-10 18:00", "03-16 17:00"], "{id}");
    }
}

#[test]
fn a_date_that_came_before_its_series_is_not_changed_with_it_later() {
    let mut memory = TestStaff::new();
    let moved = change("20260309", "20260310T190000", "");
    memory.taken(&moved);
    memory.taken(&yoga());
    let all = [yoga(), change("20260309", "20260309T200000", "SEQUENCE:3\n")].concat();
    assert_eq!(outcome(&memory.taken(&all)), (0, 2, vec![]));
    assert_eq!(memory.starts("yoga")[..3], ["03-02 17:00", "03-10 18:00", "03-16 17:00"]);
}

#[test]
fn a_date_that_was_left_out_takes_place_when_it_is_moved_later() {
    let mut memory = TestStaff::new();
    let without =
        entry("yoga", "20260302T180000", "RRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/Rome:20260309T180000\n");
    memory.taken(&without);
    let all = [without, change("20260309", "20260310T190000", "")].concat();
    assert_eq!(outcome(&memory.taken(&all)), (1, 1, vec![]));
    assert_eq!(memory.starts("yoga")[..2], ["03-02 17:00", "03-10 18:00"]);
}

#[test]
fn a_series_leaves_out_at_most_a_thousand_dates() {
    let mut memory = TestStaff::new();
    memory.taken(&entry("yoga", "20260302T180000", "RRULE:FREQ=DAILY\n"));
    let days = |n: i64| "2027-01-01".parse::<chrono::NaiveDate>().unwrap() + Duration::days(n);
    let offs =
        |of: std::ops::Range<i64>| of.map(|n| off(&days(n).format("%Y%m%d").to_string())).collect::<String>();
    assert_eq!(outcome(&memory.taken(&offs(0..998))), (998, 0, vec![]));
    let why = "RRULE: a series leaves out at most 1000 dates".to_owned();
    assert_eq!(outcome(&memory.taken(&offs(998..1_001))), (2, 0, vec![why]));
    assert_eq!(memory.series[0].fields().exdates.len(), 1_000);
}

#[test]
fn a_plan_is_refused_when_something_changed_since_it_was_made() {
    let file = calendar(&[yoga(), change("20260309", "20260309T200000", "")].concat());
    let series = calendar(&yoga());
    let mut memory = TestStaff::new();
    let plan = |memory: &mut TestStaff| memory.plan(file.as_bytes(), defaults(), false).unwrap();
    let store =
        |memory: &mut TestStaff, plan| block_on(import_calendar(&memory.permit(), memory, plan, noon()));
    let is_refused = |result: Result<CalendarReport, UseCaseError>| matches!(result, Err(UseCaseError::Denied(denial)) if denial.code == "events.import.changed");
    let late = plan(&mut memory);
    memory.import(series.as_bytes(), defaults(), false).unwrap();
    assert!(is_refused(store(&mut memory, late)), "another import came first");
    let (late, twice) = (plan(&mut memory), plan(&mut memory));
    let booked = memory.event_at("2026-03-09T17:00:00Z").id;
    memory.booked.insert(booked);
    assert!(is_refused(store(&mut memory, late)), "a client has booked");
    memory.booked.clear();
    memory.series[0].version = 2;
    assert!(is_refused(store(&mut memory, twice)), "staff have changed the series");
    memory.series[0].version = 1;
    let right = plan(&mut memory);
    assert_eq!(store(&mut memory, right).unwrap().changed_dates, 1);
}

#[test]
fn a_plan_is_refused_when_an_event_has_started_since_it_was_made() {
    let second = Duration::seconds(1);
    let store =
        |memory: &mut TestStaff, plan, now| block_on(import_calendar(&memory.permit(), memory, plan, now));
    // Noon in Rome is the time of the plan. Each file has one start at 12:10: of a new event, of the first
    // event of a new series, of a date that is moved to 12:10, away from it, or left out.
    let known = entry("yoga", "20260302T121000", "RRULE:FREQ=WEEKLY\n");
    let known_later = entry("yoga", "20260302T180000", "RRULE:FREQ=WEEKLY\n");
    let once = entry("soon", "20260302T121000", "");
    let of_ten_past = |start: &str, more: &str| {
        entry("yoga", start, &format!("RECURRENCE-ID;TZID=Europe/Rome:20260302T121000\n{more}"))
    };
    let cases: [(&str, Option<&str>, &str); 5] = [
        ("new event", None, &once),
        ("new series", None, &known),
        ("moved to it", Some(&known_later), &change("20260302", "20260302T121000", "")),
        ("moved away", Some(&known), &of_ten_past("20260302T180000", "")),
        ("called off", Some(&known), &of_ten_past("20260302T121000", "STATUS:CANCELLED\n")),
    ];
    for (what, before, file) in cases {
        let starts_at = noon() + Duration::minutes(10);
        for (now, is_stored) in [(starts_at - second, true), (starts_at, false)] {
            let mut memory = TestStaff::new();
            if let Some(before) = before {
                memory.taken(before);
            }
            let plan = memory.plan(calendar(file).as_bytes(), defaults(), false).unwrap();
            memory.sent.clear();
            let outcome = store(&mut memory, plan, now);
            assert_eq!(outcome.is_ok(), is_stored, "{what} at {now}: {outcome:?}");
            assert!(memory.sent.iter().all(|event| event.at == now), "{what}: {:?}", memory.sent);
            assert_eq!(memory.sent.is_empty(), !is_stored, "{what}");
        }
    }
}

#[test]
fn the_files_of_other_programs_are_read_as_they_are_meant() {
    let overrides = include_bytes!("../calendar/tests/files/overrides.ics");
    let mut memory = TestStaff::new();
    let report = memory.import(overrides, defaults(), false).unwrap();
    assert_eq!((report.created_series, outcome(&report)), (5, (5, 0, vec![])));
    for name in ["Y-moved to 20", "Y-b moved to 20", "Y-c moved to 20"] {
        assert_eq!(memory.starts(name), ["12-08 19:00"]);
    }
    let left_out = memory.series.iter().filter(|plan| !plan.fields().exdates.is_empty()).count();
    assert_eq!(left_out, 2);

    let with_rule = include_bytes!("../calendar/tests/files/override-with-rrule.ics");
    let corrected = include_bytes!("../calendar/tests/files/override-corrected.ics");
    let mut memory = TestStaff::new();
    assert_eq!(outcome(&memory.import(with_rule, defaults(), false).unwrap()), (1, 0, vec![]));
    assert_eq!(outcome(&memory.import(corrected, defaults(), false).unwrap()), (0, 2, vec![]));
    assert_eq!(memory.starts("R27697-moved to 20"), ["12-09 19:00"]);

    let alone = include_bytes!("../calendar/tests/files/override-alone.ics");
    let then = include_bytes!("../calendar/tests/files/override-then-series.ics");
    let mut memory = TestStaff::new();
    assert_eq!(memory.import(alone, defaults(), false).unwrap().created_events, 1);
    let report = memory.import(then, defaults(), false).unwrap();
    assert_eq!((report.created_series, outcome(&report)), (1, (0, 1, vec![])));
    assert_eq!(memory.starts("R27697-moved to 20"), ["12-09 19:00"]);
    assert!(memory.series[0].fields().exdates.contains(&"2026-12-09".parse().unwrap()));
}

#[test]
fn a_date_that_was_given_a_room_is_left_as_it_is() {
    let mut memory = TestStaff::new();
    memory.taken(&yoga());
    let given = memory.event_at("2026-03-09T17:00:00Z");
    (given.room, given.version) = (Some(tryzore_kernel::RoomId::generate(noon())), 2);
    let before = given.clone();
    let moved = [yoga(), change("20260309", "20260309T200000", "")].concat();
    assert_eq!(outcome(&memory.taken(&moved)), (0, 2, vec![]));
    assert_eq!(*memory.event_at("2026-03-09T17:00:00Z"), before);
}
