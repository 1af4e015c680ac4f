//! Imports of calendars that another program exported.

use super::{calendar_store::*, *};
use crate::{CalendarReport, NewOffer, UseCaseError};
use std::collections::BTreeSet;
use tryzore_kernel::TemplateId;

const STUDIO: &[u8] = include_bytes!("../../../../docs/samples/studio.ics");

#[test]
fn evt_01_an_import_creates_series_and_single_events() {
    let mut memory = TestStaff::new();
    let report = memory.import(STUDIO, defaults(), false).unwrap();
    assert!(adds_up(&report), "{report:?}");
    assert_eq!((report.read, report.created_series, report.created_events), (25, 14, 3));
    assert_eq!((report.changed_dates, report.unchanged), (2, 0));
    let reasons = reasons(&report);
    let over = reasons.iter().filter(|(_, why)| why.starts_with("it is over")).count();
    let off = reasons.iter().filter(|(_, why)| why.starts_with("it is called off")).count();
    assert_eq!((reasons.len(), over, off), (6, 1, 2), "{reasons:?}");
    assert_eq!((memory.series.len(), memory.events.len()), (14, report.scheduled as usize));
    // Across the clock change, without Easter Monday, with the class that was moved by an hour.
    let starts = memory.starts("Vinyasa Yoga");
    assert_eq!(starts[7..12], ["03-25 17:30", "03-30 16:30", "04-01 16:30", "04-08 16:30", "04-13 16:30"]);
    assert_eq!(starts[12], "04-15 17:30");
    let rooms: BTreeSet<_> = memory.events.iter().map(|event| event.location.as_str()).collect();
    assert!(rooms.contains("Sala A, Via dei Mille 12, Roma"));
    assert_eq!(memory.audit.len(), 1);
    let sent = |kind: &str| memory.sent.iter().filter(|event| event.kind == kind).count();
    assert_eq!((sent("events.scheduled"), sent("events.series_extended")), (memory.events.len(), 14));
}

#[test]
fn the_same_file_again_changes_nothing_and_says_so() {
    let mut memory = TestStaff::new();
    let first = memory.import(STUDIO, defaults(), false).unwrap();
    let (events, sent) = (memory.events.clone(), memory.sent.len());
    let again = memory.import(STUDIO, defaults(), false).unwrap();
    assert!(adds_up(&again));
    assert_eq!(
        (again.created_series, again.created_events, again.changed_dates, again.scheduled),
        (0, 0, 0, 0)
    );
    // The change of the occurrence that was over now counts with its series.
    assert_eq!(again.unchanged, first.created_series + first.created_events + first.changed_dates + 1);
    assert_eq!((memory.events, memory.sent.len(), memory.audit.len()), (events, sent, 1));
}

#[test]
fn a_dry_run_reports_the_same_and_stores_nothing() {
    let mut memory = TestStaff::new();
    let dry = memory.import(STUDIO, defaults(), true).unwrap();
    assert!(memory.events.is_empty() && memory.series.is_empty() && memory.sent.is_empty());
    assert!(memory.audit.is_empty());
    let wet = memory.import(STUDIO, defaults(), false).unwrap();
    assert_eq!(dry, wet);
}

#[test]
fn single_dates_are_left_out_or_moved_however_far_ahead() {
    let mut memory = TestStaff::new();
    let change = |id: &str, start: &str, more: &str| {
        entry("yoga", start, &format!("RECURRENCE-ID;TZID=Europe/Rome:{id}\n{more}"))
    };
    let report = memory.taken(
        &[
            entry("yoga", "20260302T180000", "RRULE:FREQ=WEEKLY\n"),
            change("20260309T180000", "20260310T190000", ""),
            change("20260316T180000", "20260316T180000", "STATUS:CANCELLED\n"),
            // Beyond the eight weeks: one called off, one moved.
            change("20260803T180000", "20260803T180000", "STATUS:CANCELLED\n"),
            change("20260907T180000", "20260907T200000", "SUMMARY:Yoga al mare\n"),
        ]
        .concat(),
    );
    assert_eq!((report.created_series, report.changed_dates, report.refused.len()), (1, 4, 0));
    assert_eq!(memory.starts("yoga")[..3], ["03-02 17:00", "03-10 18:00", "03-23 17:00"]);
    let plan = &memory.series[0];
    let date = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    assert!(plan.fields().exdates.contains(&date("2026-08-03")));
    let far =
        memory.events.iter().find(|event| event.starts_at.format("%m-%d").to_string() == "09-07").unwrap();
    assert_eq!(far.series.unwrap().on, date("2026-09-07"), "the worker finds the date taken");
    assert_eq!(far.starts_at.format("%H:%M").to_string(), "18:00");
}

#[test]
fn a_date_that_came_before_its_series_is_not_made_twice() {
    let mut memory = TestStaff::new();
    let id = "RECURRENCE-ID;TZID=Europe/Rome:20260309T180000\n";
    let change = entry("yoga", "20260310T190000", id);
    assert_eq!(memory.taken(&change).created_events, 1);
    let all = [entry("yoga", "20260302T180000", "RRULE:FREQ=WEEKLY\n"), change].concat();
    let report = memory.taken(&all);
    assert!(adds_up(&report));
    assert_eq!((report.created_series, report.changed_dates, report.unchanged), (1, 0, 1));
    let mut starts = memory.starts("yoga");
    starts.sort_unstable();
    assert_eq!(starts[..3], ["03-02 17:00", "03-10 18:00", "03-16 17:00"]);
    assert_eq!(memory.taken(&all).unchanged, 2);
}

#[test]
fn a_series_leaves_to_a_date_that_came_before_it_what_the_file_no_longer_says() {
    let mut memory = TestStaff::new();
    let id = "RECURRENCE-ID;TZID=Europe/Rome:20260309T180000\n";
    memory.taken(&entry("yoga", "20260310T190000", id));
    let report = memory.taken(&entry("yoga", "20260302T180000", "RRULE:FREQ=WEEKLY\n"));
    assert!(adds_up(&report));
    assert!(!memory.starts("yoga").contains(&"03-09 17:00".to_owned()), "{:?}", memory.starts("yoga"));
}

#[test]
fn a_date_that_was_moved_to_the_past_does_not_come_again() {
    let mut memory = TestStaff::new();
    let change = |id: &str, start: &str, more: &str| {
        entry("yoga", start, &format!("RECURRENCE-ID;TZID=Europe/Rome:{id}\n{more}"))
    };
    let report = memory.taken(
        &[
            entry("yoga", "20260202T180000", "RRULE:FREQ=WEEKLY\n"),
            change("20260302T180000", "20260302T100000", ""),
            change("20260223T180000", "20260303T180000", ""),
            change("20260216T180000", "20260216T180000", "STATUS:CANCELLED\n"),
        ]
        .concat(),
    );
    assert!(adds_up(&report));
    assert_eq!((report.created_series, report.changed_dates, report.refused.len()), (1, 1, 2));
    assert!(reasons(&report).iter().all(|(_, why)| why.starts_with("it is over")));
    assert_eq!(memory.starts("yoga")[..2], ["03-03 17:00", "03-09 17:00"]);
}

#[test]
fn an_entry_that_starts_now_is_over_and_a_second_later_is_not() {
    let mut memory = TestStaff::new();
    // Noon in Rome is the current time.
    let report =
        memory.taken(&[entry("now", "20260302T120000", ""), entry("soon", "20260302T120001", "")].concat());
    assert_eq!(
        reasons(&report),
        [("now", "it is over: only what is still to come is taken over".to_owned())]
    );
    assert_eq!(report.created_events, 1);
    let ended =
        memory.taken(&entry("ended", "20260105T180000", "RRULE:FREQ=WEEKLY;UNTIL=20260301T235959Z\n"));
    assert_eq!((ended.created_series, ended.refused.len()), (0, 1));
}

#[test]
fn evt_01_an_entry_that_is_too_short_is_refused_alone() {
    let mut memory = TestStaff::new();
    let short =
        |uid: &str, minutes: u8| entry(uid, "20260303T180000", "").replace("PT1H", &format!("PT{minutes}M"));
    let report = memory.taken(&[short("four", 4), short("five", 5)].concat());
    assert_eq!(report.created_events, 1);
    let [(uid, why)] = &reasons(&report)[..] else { panic!("{report:?}") };
    assert!(*uid == "four" && why.starts_with("duration_minutes: "), "{why}");
}

#[test]
fn changes_of_a_refused_series_are_refused_too() {
    let mut memory = TestStaff::new();
    let off = entry("off", "20260302T180000", "RRULE:FREQ=WEEKLY\nSTATUS:CANCELLED\n");
    let change = entry("off", "20260310T180000", "RECURRENCE-ID;TZID=Europe/Rome:20260309T180000\n");
    let report = memory.taken(&[off, change].concat());
    assert_eq!((report.read, report.refused.len(), memory.events.len()), (2, 2, 0));
    assert_eq!(reasons(&report)[1].1, "it changes one occurrence of a series that was refused");
}

#[test]
fn defaults_are_checked_once_and_a_file_as_a_whole() {
    let mut memory = TestStaff::new();
    let pointers = |refused: Result<CalendarReport, UseCaseError>| match refused {
        Err(UseCaseError::Invalid(errors)) => {
            errors.into_vec().into_iter().map(|e| e.pointer).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(pointers(memory.import(STUDIO, NewOffer::default(), true)), ["/kind", "/spots_total"]);
    assert_eq!(pointers(memory.import(b"Nome,Email", defaults(), true)), ["/body"]);
    let staff = NewOffer { staff: Some(UserId::generate(noon())), ..defaults() };
    assert_eq!(pointers(memory.import(STUDIO, staff, true)), ["/staff_user_id"]);
    let unknown = NewOffer { template: Some(TemplateId::generate(noon())), ..defaults() };
    assert_eq!(memory.import(STUDIO, unknown, true), Err(UseCaseError::NotFound("template")));
}

#[test]
fn one_import_puts_at_most_ten_thousand_events_on_the_schedule() {
    // Single events fill the import up to the limit, because a daily series has 56 or 57 events.
    let daily = |n: usize| entry(&format!("d{n}"), "20260302T180000", "RRULE:FREQ=DAILY\n");
    let single = |n: usize| entry(&format!("s{n}"), "20260303T180000", "");
    let mut memory = TestStaff::new();
    let of_one = memory.taken(&daily(0)).scheduled as usize;
    let (series, rest) = (10_000 / of_one, 10_000 % of_one);
    let full: String = (1..=series).map(daily).chain((0..rest).map(single)).collect();
    let report = memory.import(calendar(&full).as_bytes(), defaults(), true).unwrap();
    assert_eq!(report.scheduled, 10_000);
    let over = full + &single(rest);
    let refused = memory.import(calendar(&over).as_bytes(), defaults(), true);
    assert!(matches!(refused, Err(UseCaseError::Invalid(errors)) if errors.pointers() == ["/body"]));
}
