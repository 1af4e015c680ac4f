//! A calendar as gyms export it, and cases that it does not contain.

mod cases;
mod hostile;
mod sample;
mod zones;

use super::*;
use chrono_tz::Europe;

/// A calendar with the VEVENTs `events`, each given as its content lines.
pub(super) fn calendar(events: &[&str]) -> String {
    let events: Vec<_> = events.iter().map(|lines| format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n")).collect();
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{}END:VCALENDAR\n", events.concat())
}

pub(super) fn import(text: &str) -> CalendarImport {
    read(text.as_bytes(), Europe::Rome).unwrap()
}

/// The only entry of a calendar with one VEVENT.
pub(super) fn entry(lines: &str) -> CalendarEntry {
    let import = import(&calendar(&[lines]));
    assert_eq!(import.refused, []);
    import.entries.into_iter().next().unwrap()
}

/// Why the only VEVENT of a calendar is refused.
pub(super) fn reasons(lines: &str) -> Vec<Reason> {
    let import = import(&calendar(&[lines]));
    assert_eq!(import.entries, []);
    import.refused.into_iter().next().unwrap().reasons
}

pub(super) fn once(entry: &CalendarEntry) -> Once {
    let Timing::Once(once) = &entry.timing else { panic!("{entry:?}") };
    *once
}

pub(super) fn series(entry: &CalendarEntry) -> (&crate::series::Schedule, &[Override]) {
    let Timing::Series { schedule, overrides } = &entry.timing else { panic!("{entry:?}") };
    (schedule, overrides)
}
