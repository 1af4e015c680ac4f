//! The zone for a TZID: by the definition in the file, or by a Windows name.

use super::*;
use chrono::{DateTime, Utc};

fn starts(file: &[u8]) -> Vec<DateTime<Utc>> {
    let import = read(file, Europe::Rome).unwrap();
    assert_eq!(import.refused, []);
    let first = |entry: &CalendarEntry| match &entry.timing {
        Timing::Once(once) => once.starts_at,
        Timing::Series { schedule, .. } => {
            let day = schedule.first_date().unwrap();
            schedule.occurrences(crate::series::Window::try_new(day, day).unwrap())[0].starts_at
        }
    };
    import.entries.iter().map(first).collect()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn a_definition_of_the_file_says_what_its_name_means() {
    let summer = starts(include_bytes!("files/est-with-daylight.ics"));
    assert_eq!(summer, [at("2027-07-06T22:00:00Z")], "EST with daylight saving is UTC-4 in July");
    let custom = starts(include_bytes!("files/custom-vtimezone.ics"));
    let hour = |start: &DateTime<Utc>| start.format("%H:%M").to_string();
    assert_eq!(custom.len(), 4);
    assert!(custom.iter().all(|start| hour(start) == "17:30"), "{custom:?}");
}

#[test]
fn without_a_definition_est_has_no_summer() {
    let file = calendar(&["UID:a\nSUMMARY:A\nDTSTART;TZID=EST:20270706T180000\nDURATION:PT1H"]);
    assert_eq!(starts(file.as_bytes()), [at("2027-07-06T23:00:00Z")]);
}

#[test]
fn a_definition_of_a_zone_that_is_nowhere_is_refused_and_not_guessed() {
    let zone = "BEGIN:VTIMEZONE\nTZID:EST\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0017\nTZOFFSETTO:+0017\nEND:STANDARD\nEND:VTIMEZONE\n";
    let event =
        "BEGIN:VEVENT\nUID:a\nSUMMARY:A\nDTSTART;TZID=EST:20270706T180000\nDURATION:PT1H\nEND:VEVENT\n";
    let import = import(&format!("BEGIN:VCALENDAR\n{zone}{event}END:VCALENDAR\n"));
    let unknown = Reason::UnknownZone { property: "DTSTART", tzid: "EST".into() };
    assert_eq!(import.refused[0].reasons, [unknown]);
}

#[test]
fn every_windows_name_is_known() {
    let known = starts(include_bytes!("files/windows-names.ics"));
    let half_past = [
        at("2027-01-12T08:00:00Z"),
        at("2027-01-12T23:30:00Z"),
        at("2027-01-12T22:30:00Z"),
        at("2027-01-13T00:30:00Z"),
    ];
    assert_eq!(known, half_past);
}

#[test]
fn the_rule_that_a_program_repeats_in_a_change_of_one_occurrence_says_nothing() {
    let import = read(include_bytes!("files/override-with-rrule.ics"), Europe::Rome).unwrap();
    assert_eq!(import.refused, []);
    let (_, overrides) = series(&import.entries[0]);
    assert_eq!(overrides[0].once.starts_at, at("2026-12-09T19:00:00Z"));
    assert_eq!(overrides[0].once.duration_minutes, 60);
}
