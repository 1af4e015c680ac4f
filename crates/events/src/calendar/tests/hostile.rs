//! Files that are malformed, or made to overload the reader.

use super::*;
use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use proptest::prelude::*;

const CLASS: &str = "UID:a\nSUMMARY:Yoga\nDTSTART:20260105T183000Z\nDURATION:PT1H";

#[test]
fn a_file_has_at_most_five_mebibytes() {
    let text = calendar(&[CLASS]);
    let filling = format!("X-FILLING:{}\n", "x".repeat(1_000)).repeat(MAX_BYTES / 1_000);
    let padded = |size: usize| [&text, &filling[..size - text.len()]].concat().into_bytes();
    assert_eq!(read(&padded(MAX_BYTES), Europe::Rome).unwrap().entries.len(), 1);
    assert_eq!(read(&padded(MAX_BYTES + 1), Europe::Rome), Err(CalendarError::TooLarge));
}

#[test]
fn a_file_has_at_most_five_thousand_entries() {
    let of = |n: usize| {
        let events: Vec<_> = (0..n).map(|i| CLASS.replace("UID:a", &format!("UID:{i}"))).collect();
        read(calendar(&events.iter().map(String::as_str).collect::<Vec<_>>()).as_bytes(), Europe::Rome)
    };
    assert_eq!(of(MAX_ENTRIES).unwrap().entries.len(), MAX_ENTRIES);
    assert_eq!(of(MAX_ENTRIES + 1), Err(CalendarError::TooManyEntries));
}

#[test]
fn a_file_that_is_no_calendar_is_refused() {
    for file in ["", "PK\u{3}\u{4}", "<html></html>", "BEGIN:VEVENT\nEND:VEVENT", "BEGIN:", "\u{feff}"] {
        assert_eq!(read(file.as_bytes(), Europe::Rome), Err(CalendarError::NotACalendar), "{file}");
    }
    let utf16: Vec<u8> = "\u{feff}BEGIN:VCALENDAR".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&utf16, Europe::Rome), Err(CalendarError::Utf16));
    assert_eq!(CalendarError::Utf16.problem("/file").errors[0].pointer, "/file");
}

#[test]
fn a_truncated_file_gives_the_entries_before_its_end() {
    let whole = calendar(&[CLASS, &CLASS.replace("UID:a", "UID:b"), &CLASS.replace("UID:a", "UID:c")]);
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let Ok(import) = read(&whole.as_bytes()[..end], Europe::Rome) else { continue };
        let begun = whole[..end].matches("BEGIN:VEVENT").count();
        let ended = whole[..end].matches("END:VEVENT").count();
        assert_eq!((import.entries.len(), import.refused.len()), (ended, begun - ended), "cut at {end}");
        assert!(import.refused.iter().all(|entry| entry.reasons.contains(&Reason::NotClosed)));
    }
}

#[test]
fn an_unclosed_entry_costs_only_itself() {
    let text = calendar(&[CLASS, &CLASS.replace("UID:a", "UID:b")]).replacen("END:VEVENT\n", "", 1);
    let import = import(&text);
    assert_eq!((import.entries[0].key.uid.as_str(), import.entries.len()), ("b", 1));
    assert_eq!(import.refused[0].reasons, [Reason::NotClosed]);
}

#[test]
fn nesting_of_any_depth_is_read() {
    let deep = format!("{}{}", "BEGIN:X\n".repeat(50_000), "END:X\n".repeat(50_000));
    assert_eq!(
        import(&calendar(&[&format!("{CLASS}\n{deep}"), CLASS])).refused.len(),
        1,
        "one is superseded"
    );
    let open = format!("BEGIN:VCALENDAR\n{}", "BEGIN:VCALENDAR\nBEGIN:X\n".repeat(50_000));
    assert_eq!(import(&open).entries, []);
    // The content of an alarm does not belong to the entry.
    let alarm = format!("BEGIN:VALARM\nSUMMARY:Reminder\nDURATION:PT5M\nEND:VALARM\n{CLASS}");
    assert_eq!(entry(&alarm).details.title, "Yoga");
    assert_eq!(once(&entry(&alarm)).duration_minutes, 60);
}

#[test]
fn a_line_of_a_million_bytes_costs_its_entry_when_it_is_read() {
    let long = "x".repeat(1_000_000);
    assert_eq!(entry(&format!("{CLASS}\nX-BLOB:{long}")).details.title, "Yoga");
    assert_eq!(reasons(&format!("{CLASS}\nLOCATION:{long}")), [Reason::LineTooLong]);
    let folded = "x\n ".repeat(500_000);
    assert_eq!(reasons(&format!("{CLASS}\nLOCATION:{folded}")), [Reason::LineTooLong]);
    let fits = "x".repeat(65_536 - "LOCATION:".len());
    assert_eq!(entry(&format!("{CLASS}\nLOCATION:{fits}")).notes, [EntryNote::Cut("LOCATION")]);
    assert_eq!(reasons(&format!("{CLASS}\nLOCATION:{fits}x")), [Reason::LineTooLong]);
}

#[test]
fn bytes_that_are_no_text_cost_their_entry() {
    let text = calendar(&[CLASS, &CLASS.replace("UID:a", "UID:b")]);
    let mut bytes = text.into_bytes();
    let at = bytes.windows(4).position(|four| four == b"Yoga").unwrap();
    bytes[at] = 0xE8; // `è` in Latin-1.
    let import = read(&bytes, Europe::Rome).unwrap();
    assert_eq!(import.refused[0].reasons, [Reason::NotUtf8, Reason::NoTitle]);
    assert_eq!(import.entries[0].key.uid, "b");
}

#[test]
fn whatever_fills_the_file_it_is_read_to_its_end() {
    // Thousands of lines, up to a hundred thousand: comparing each pair of them would take minutes.
    const SIZE: usize = MAX_BYTES / 40;
    let fill = |head: &str, unit: &str| {
        let units = (SIZE - 200 - head.len()) / unit.len();
        calendar(&[&format!("{head}{}", unit.repeat(units))])
    };
    for text in [
        fill(CLASS, "\nSUMMARY:x"),
        fill(CLASS, "\nEXDATE:20260105T183000Z"),
        fill(&format!("{CLASS}\nRRULE:FREQ=DAILY"), "\nEXDATE:20260105T183000Z"),
        fill(&format!("{CLASS}\nRRULE:FREQ=DAILY"), "\nEXDATE:x"),
        fill(&format!("{CLASS}\nCATEGORIES:"), "\nCATEGORIES:,,,,,,,,,,,"),
        fill(CLASS, "\n;;;;=::"),
        fill(CLASS, "\n"),
        fill(CLASS, "\nSUMMARY;a=\"b\";c=\"d\";e=f:g"),
        fill("", "BEGIN:VTIMEZONE\nTZID:x\nX-LIC-LOCATION://///////////\nEND:VTIMEZONE\n"),
    ] {
        assert!((SIZE - 200..SIZE).contains(&text.len()));
        let _ = read(text.as_bytes(), Europe::Rome);
    }
}

#[test]
fn a_line_of_thousands_of_values_and_parameters_is_read_to_its_end() {
    // Reading each parameter for each value would read 30 million parameters.
    let line = format!("EXDATE{};TZID=Europe/Rome:{}", ";A=b".repeat(8_000), "20260107,".repeat(3_600));
    assert!(line.len() < 65_536);
    let entry = entry(&format!("{CLASS}\nRRULE:FREQ=DAILY\n{line}"));
    assert_eq!(series(&entry).0.fields().exdates, ["2026-01-07".parse().unwrap()].into());
}

#[test]
fn hundreds_of_changes_cost_no_more_than_hundreds_of_entries() {
    // Searching each change from the start of its series would compute millions of dates, whether or
    // not the rule counts, and however much the rule names.
    let first: NaiveDate = "1970-01-05".parse().unwrap();
    let each: fn(NaiveDate) -> bool = |_| true;
    for (rule, falls_on) in [
        ("FREQ=DAILY", each),
        ("FREQ=DAILY;COUNT=1000", |date| date <= "1972-09-30".parse().unwrap()),
        ("FREQ=DAILY;BYMONTHDAY=1,2;BYDAY=MO;COUNT=1000", |date| {
            date.day() <= 2 && date.weekday() == Weekday::Mon
        }),
        ("FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYDAY=MO,TU,WE,TH,FR,SA,SU", each),
    ] {
        let whole = format!("UID:a\nSUMMARY:Yoga\nDTSTART:19700105T183000Z\nDURATION:PT1H\nRRULE:{rule}");
        let days: Vec<_> = (0..200).map(|n| first + TimeDelta::days(n * 200)).collect();
        let change = |day: &NaiveDate| format!("{CLASS}\nRECURRENCE-ID:{}T183000Z", day.format("%Y%m%d"));
        let events: Vec<_> = [whole].into_iter().chain(days.iter().map(change)).collect();
        let import = import(&calendar(&events.iter().map(String::as_str).collect::<Vec<_>>()));
        let changed: Vec<_> = series(&import.entries[0]).1.iter().map(|change| change.local_date).collect();
        let dates: Vec<_> = days.into_iter().filter(|date| falls_on(*date)).collect();
        assert!(!dates.is_empty());
        assert_eq!(import.refused.len(), 200 - dates.len(), "{rule}");
        assert_eq!(changed, dates, "{rule}");
    }
}

#[test]
fn a_rule_without_a_date_costs_no_search_through_centuries() {
    let rule = |n| format!("FREQ=MONTHLY;BYMONTH={};BYDAY=5MO,-1MO;BYSETPOS=2", n % 12 + 1);
    let one = |n| format!("{}\nRRULE:{}", CLASS.replace("UID:a", &format!("UID:{n}")), rule(n));
    let events: Vec<_> = (0..200).map(one).collect();
    let import = import(&calendar(&events.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!((import.entries.len(), import.refused.len()), (0, 200));
}

/// Texts made of keywords of the format, so that they get past the first check.
fn scraps() -> impl Strategy<Value = String> {
    let words = [
        "BEGIN:",
        "END:",
        "VCALENDAR",
        "VEVENT",
        "VTIMEZONE",
        "VALARM",
        "\n",
        "\r\n",
        "\n ",
        "UID:a",
        "SUMMARY:x",
        "DTSTART",
        "DTEND",
        "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY",
        "FREQ=DAILY;COUNT=9",
        "EXDATE:",
        "RECURRENCE-ID:",
        ";TZID=Europe/Rome:",
        ";TZID=\"",
        "20260105T183000",
        "20260329T023000",
        "20261025T023000Z",
        "20260105",
        "Z",
        ":",
        ";",
        ",",
        "=",
        "\"",
        "\\",
        "CATEGORIES:a\\,b,",
        "ORGANIZER;CN=x:mailto:è",
        "\u{feff}",
        "é",
        "\0",
        "\nBEGIN:VEVENT\nUID:a\nSUMMARY:x\nDTSTART:20260105T183000\nDURATION:PT1H\n",
        "\nEND:VEVENT\n",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..60).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn random_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..600), inside in any::<bool>()) {
        if inside {
            bytes.splice(0..0, *b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n");
        }
        let _ = read(&bytes, Europe::Rome);
    }

    #[test]
    fn scraps_of_calendars_never_panic_and_every_entry_is_accounted_for(scraps in scraps()) {
        let text = format!("BEGIN:VCALENDAR\n{scraps}");
        let import = read(text.as_bytes(), Europe::Rome).unwrap();
        for entry in &import.entries {
            prop_assert!(!entry.key.uid.is_empty() && !entry.details.title.is_empty());
            let window = crate::series::Window::day("2026-01-05".parse().unwrap());
            prop_assert!(entry.starts(window).len() <= 1);
        }
        prop_assert!(import.refused.iter().all(|entry| !entry.reasons.is_empty()));
    }
}

// Each case reads a whole calendar.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.div_ceil(4)))]

    #[test]
    fn a_spoiled_sample_never_panics(at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 0..20)) {
        let mut bytes = include_bytes!("../../../../../docs/samples/studio.ics").to_vec();
        let at = at.index(bytes.len());
        let end = (at + 15).min(bytes.len());
        bytes.splice(at..end, with);
        if let Ok(import) = read(&bytes, Europe::Rome) {
            // A few changed bytes spoil an entry or two; the other entries are read.
            prop_assert!(import.entries.len() >= 16, "{}", import.entries.len());
        }
    }
}
