//! `docs/samples/studio.ics`: the calendar of a studio in Rome, 25 VEVENTs, CRLF, folded by octets.

use super::*;
use crate::series::{ClockChange, Window};
use chrono::NaiveDate;

const STUDIO: &[u8] = include_bytes!("../../../../../docs/samples/studio.ics");

fn studio() -> CalendarImport {
    read(STUDIO, Europe::Rome).unwrap()
}

fn find<'i>(import: &'i CalendarImport, uid: &str) -> &'i CalendarEntry {
    import.entries.iter().find(|entry| entry.key.uid.starts_with(uid)).unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The starts of an entry as `local date, UTC time`.
fn starts(entry: &CalendarEntry, first: &str, last: &str) -> Vec<String> {
    let window = Window::try_new(date(first), date(last)).unwrap();
    let starts = entry.starts(window);
    starts
        .iter()
        .map(|start| format!("{} {}", start.local_date.format("%m-%d"), start.starts_at.format("%H:%M")))
        .collect()
}

#[test]
fn all_twenty_five_entries_are_accounted_for() {
    let import = studio();
    let overrides: usize = import
        .entries
        .iter()
        .map(|entry| if let Timing::Series { overrides, .. } = &entry.timing { overrides.len() } else { 0 })
        .sum();
    let series = import.entries.iter().filter(|entry| matches!(entry.timing, Timing::Series { .. })).count();
    let canceled = import.entries.iter().filter(|entry| entry.status == EntryStatus::Canceled).count();
    assert_eq!(import.name.as_deref(), Some("Studio Aurora, palinsesto"));
    assert_eq!((import.entries.len(), overrides, import.refused.len()), (19, 3, 3));
    assert_eq!((series, canceled), (15, 2));
}

#[test]
fn the_three_refused_entries_have_reasons() {
    let refused = studio().refused;
    let said: Vec<(_, Vec<_>)> = refused
        .iter()
        .map(|entry| {
            (entry.title.as_deref().unwrap(), entry.reasons.iter().map(ToString::to_string).collect())
        })
        .collect();
    assert_eq!(
        said,
        [
            ("Chiuso per ferie", vec!["it is for a whole day: a class needs a time at which it starts".to_owned()]),
            (
                "Functional Training",
                vec![
                    "it ends when it starts, or before".into(),
                    "RRULE: FREQ: HOURLY is not supported: a series starts at most once a day".into()
                ]
            ),
            (
                "Capoeira",
                vec![
                    "DTSTART: the zone `Customized Time Zone` is neither an IANA name nor a Windows name that is known"
                        .into()
                ]
            ),
        ]
    );
    assert!(refused.iter().all(|entry| {
        let line = String::from_utf8_lossy(STUDIO).lines().nth(entry.line - 1).map(str::to_owned);
        line.as_deref() == Some("BEGIN:VEVENT")
    }));
}

#[test]
fn evt_01_a_weekly_class_keeps_its_hour_and_its_exceptions() {
    let import = studio();
    let vinyasa = find(&import, "vinyasa");
    assert_eq!(vinyasa.sequence, 2);
    // Across the spring change, without Easter Monday, with the moved class of the 15th.
    assert_eq!(
        starts(vinyasa, "2026-03-25", "2026-04-20"),
        [
            "03-25 17:30",
            "03-30 16:30",
            "04-01 16:30",
            "04-08 16:30",
            "04-13 16:30",
            "04-15 17:30",
            "04-20 16:30"
        ]
    );
    assert_eq!(starts(vinyasa, "2026-08-10", "2026-08-19"), ["08-10 16:30", "08-19 16:30"]);
    // Across the autumn change, to the last one by UNTIL.
    assert_eq!(starts(vinyasa, "2026-10-21", "2026-10-26"), ["10-21 16:30", "10-26 17:30"]);
    assert_eq!(starts(vinyasa, "2026-12-21", "2026-12-31"), ["12-21 17:30", "12-23 17:30"]);
}

#[test]
fn single_occurrences_are_moved_renamed_and_called_off() {
    let import = studio();
    let (_, overrides) = series(find(&import, "vinyasa"));
    let [moved, called_off] = overrides else { panic!("{overrides:?}") };
    assert_eq!((moved.local_date, moved.status), (date("2026-04-15"), EntryStatus::Scheduled));
    assert_eq!(moved.key.recurrence, Some(RecurrenceId::Start("2026-04-15T16:30:00Z".parse().unwrap())));
    assert_eq!(moved.once.starts_at.to_rfc3339(), "2026-04-15T17:30:00+00:00");
    assert_eq!((called_off.local_date, called_off.status), (date("2026-11-02"), EntryStatus::Canceled));
    assert_eq!(called_off.details.description, find(&import, "vinyasa").details.description, "inherited");

    let (_, overrides) = series(find(&import, "zumba"));
    let [carnival] = overrides else { panic!("{overrides:?}") };
    assert_eq!(carnival.details.title, "Zumba di Carnevale: maschere benvenute!");
    assert_eq!(
        (carnival.once.duration_minutes, carnival.details.categories.as_slice()),
        (90, &["Danza".to_owned()][..])
    );
}

#[test]
fn texts_are_unfolded_and_unescaped() {
    let import = studio();
    let vinyasa = &find(&import, "vinyasa").details;
    assert_eq!(vinyasa.location.as_deref(), Some("Sala A, Via dei Mille 12, Roma"));
    assert_eq!(vinyasa.categories, ["Yoga", "Corpo e mente"]);
    assert!(vinyasa.description.as_deref().unwrap().ends_with(
        "tappetino; asciugamani disponibili alla reception. Perché il respiro è già metà della pratica."
    ));
    let organizer = vinyasa.organizer.as_ref().unwrap();
    assert_eq!(organizer.name.as_deref(), Some("Giulia Bianchi"));
    assert_eq!(organizer.email.as_ref().unwrap().as_str(), "giulia@studioaurora.example");
    let workshop = find(&import, "workshop");
    assert_eq!(workshop.details.description.as_deref().unwrap().lines().count(), 8);
    assert_eq!(once(workshop).duration_minutes, 180);
}

#[test]
fn each_kind_of_zone_is_understood() {
    let import = studio();
    let at = |uid| once(find(&import, uid)).starts_at.to_rfc3339();
    assert_eq!(at("6f1c2a"), "2026-04-16T16:00:00+00:00");
    assert_eq!(at("prova"), "2026-09-12T08:30:00+00:00");
    assert_eq!(find(&import, "prova").notes, [EntryNote::NoZone(Europe::Rome)]);
    for uid in ["040000008200E0", "acquagym"] {
        assert_eq!(series(find(&import, uid)).0.zone(), Europe::Rome, "{uid}");
    }
    assert_eq!(
        starts(find(&import, "040000008200E0"), "2026-03-23", "2026-04-13"),
        ["03-23 11:00", "03-30 10:00", "04-13 10:00"]
    );
}

#[test]
fn every_form_of_exdate_leaves_out_its_date() {
    let import = studio();
    let without = |uid, day| series(find(&import, uid)).0.occurrence(date(day)).is_none();
    assert!(without("pilates", "2026-01-06"), "with TZID");
    assert!(without("spinning", "2026-05-01") && without("spinning", "2026-06-02"), "a list of days");
    assert!(without("yin", "2026-04-05"), "in UTC");
    assert!(!without("yin", "2026-04-12"));
    assert!(
        import.entries.iter().all(|e| !e.notes.iter().any(|note| matches!(note, EntryNote::IdleExdate(_))))
    );
}

#[test]
fn a_start_at_half_past_two_meets_the_clock_twice_a_year() {
    let import = studio();
    let (schedule, _) = series(find(&import, "notturna"));
    let note = |day| schedule.occurrence(date(day)).unwrap().note;
    assert_eq!(note("2026-03-29"), Some(ClockChange::GapShift));
    assert_eq!(note("2026-10-25"), Some(ClockChange::FoldFirst));
    assert_eq!(note("2026-11-01"), None);
    assert_eq!(schedule.occurrence(date("2026-11-08")), None);
}

#[test]
fn reading_the_file_twice_gives_the_same_result() {
    let keys = |import: CalendarImport| import.entries.into_iter().map(|entry| entry.key).collect::<Vec<_>>();
    let (first, second) = (keys(studio()), keys(studio()));
    assert_eq!(first, second);
    let unique: std::collections::BTreeSet<_> = first.iter().collect();
    assert_eq!(unique.len(), first.len());
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_matter() {
    let bare: Vec<u8> = STUDIO.iter().copied().filter(|byte| *byte != b'\r').collect();
    let marked = [b"\xEF\xBB\xBF", STUDIO].concat();
    assert_eq!(read(&bare, Europe::Rome), read(STUDIO, Europe::Rome));
    assert_eq!(read(&marked, Europe::Rome), read(STUDIO, Europe::Rome));
}
