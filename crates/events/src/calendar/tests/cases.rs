//! One rule of the reader in each test.

use super::*;
use crate::series::Window;

const HOUR: &str = "DTSTART;TZID=Europe/Rome:20260105T183000\nDTEND;TZID=Europe/Rome:20260105T193000";

fn class(more: &str) -> String {
    format!("UID:a\nSUMMARY:Yoga\n{HOUR}\n{more}")
}

fn at(minutes: &str) -> String {
    format!("UID:a\nSUMMARY:Yoga\nDTSTART:20260105T183000Z\n{minutes}")
}

#[test]
fn each_missing_part_is_named_and_all_at_once() {
    assert_eq!(reasons("X-NOTHING:1"), [Reason::NoUid, Reason::NoTitle, Reason::NoStart]);
    assert_eq!(reasons(&at("CLASS:PUBLIC")), [Reason::NoLength]);
    assert_eq!(reasons(&format!("UID:{}\nSUMMARY:Yoga\n{HOUR}", "u".repeat(513))), [Reason::UidTooLong]);
    assert_eq!(entry(&format!("UID:{}\nSUMMARY:Yoga\n{HOUR}", "u".repeat(512))).key.uid.len(), 512);
}

#[test]
fn a_length_is_one_minute_to_one_day_in_whole_minutes() {
    for (length, minutes) in [
        ("DURATION:PT1M", Ok(1)),
        ("DURATION:PT0S", Err(Reason::EndNotAfterStart)),
        ("DURATION:-PT1M", Err(Reason::EndNotAfterStart)),
        ("DURATION:P1D", Ok(1_440)),
        ("DURATION:P1DT1S", Err(Reason::TooLong)),
        ("DURATION:PT90S", Err(Reason::NotWholeMinutes)),
        ("DURATION:one hour", Err(Reason::BadDuration("one hour".into()))),
        ("DTEND:20260105T183000Z", Err(Reason::EndNotAfterStart)),
        ("DTEND:20260105T183100Z", Ok(1)),
        ("DTEND;TZID=Europe/Rome:20260105T203000", Ok(60)),
        ("DTEND;VALUE=DATE:20260106", Err(Reason::AllDay)),
    ] {
        match minutes {
            Ok(minutes) => assert_eq!(once(&entry(&at(length))).duration_minutes, minutes, "{length}"),
            Err(reason) => assert_eq!(reasons(&at(length)), [reason], "{length}"),
        }
    }
}

#[test]
fn an_invalid_time_is_quoted() {
    for (value, reason) in [
        ("DTSTART:tomorrow", Reason::BadTime { property: "DTSTART", value: "tomorrow".into() }),
        ("DTSTART:20260230T100000", Reason::BadTime { property: "DTSTART", value: "20260230T100000".into() }),
        ("DTSTART:2026105", Reason::BadTime { property: "DTSTART", value: "2026105".into() }),
        ("DTSTART:19691231T100000", Reason::OutOfRange("DTSTART")),
        ("DTSTART:21010101T100000Z", Reason::OutOfRange("DTSTART")),
        ("DTSTART:20260105", Reason::AllDay),
        ("DTSTART", Reason::Unreadable("DTSTART")),
        ("DTSTART;TZID=Pacific/Apia:20111230T100000", Reason::NoSuchDay("DTSTART")),
        (
            "DTSTART;TZID=Mars/Olympus:20260105T183000",
            Reason::UnknownZone { property: "DTSTART", tzid: "Mars/Olympus".into() },
        ),
    ] {
        assert_eq!(reasons(&format!("UID:a\nSUMMARY:Yoga\n{value}\nDURATION:PT1H")), [reason], "{value}");
    }
}

#[test]
fn a_leap_second_is_the_second_before_it() {
    let entry = entry("UID:a\nSUMMARY:Yoga\nDTSTART:20161231T235960Z\nDURATION:PT1H");
    assert_eq!(once(&entry).starts_at.to_rfc3339(), "2016-12-31T23:59:59+00:00");
}

#[test]
fn a_start_in_the_gap_moves_and_takes_its_end_along() {
    let gap = entry(
        "UID:a\nSUMMARY:Yoga\nDTSTART;TZID=Europe/Rome:20260329T023000\nDTEND;TZID=Europe/Rome:20260329T033000",
    );
    assert_eq!(once(&gap).starts_at.to_rfc3339(), "2026-03-29T01:30:00+00:00");
    assert_eq!(once(&gap).duration_minutes, 60);
    assert_eq!(gap.notes, [EntryNote::StartInGap(once(&gap).starts_at)]);
    let fold = entry("UID:a\nSUMMARY:Yoga\nDTSTART;TZID=Europe/Rome:20261025T023000\nDURATION:PT1H");
    assert_eq!(fold.notes, [EntryNote::StartInFold("2026-10-25T00:30:00Z".parse().unwrap())]);
}

#[test]
fn a_rule_that_no_series_takes_says_which_part() {
    for (rule, says) in [
        ("RRULE:FREQ=HOURLY", "RRULE: FREQ: HOURLY is not supported: a series starts at most once a day"),
        (
            "RRULE:FREQ=DAILY;BYHOUR=9,18",
            "RRULE: BYHOUR: expected 18, as in the start: a series has one start time a day",
        ),
        ("RRULE:FREQ=DAILY;COUNT=1000000000", "RRULE: COUNT: expected 1 to 1000"),
        ("RRULE:FREQ=DAILY;UNTIL=20260104", "RRULE: UNTIL: ends before the series starts"),
        (
            "RRULE:FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
            "RRULE: there is no date on which it falls within 8 years",
        ),
        (
            "RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY",
            "a second RRULE is not supported: one rule an entry; add another entry for the other",
        ),
        (
            "RRULE:FREQ=DAILY\nRDATE:20260110T183000Z",
            "RDATE is not supported: add each extra date as an entry of its own",
        ),
        ("RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY", "EXRULE is not supported: exclude single dates by EXDATE"),
        (
            "RRULE:FREQ=DAILY\nEXDATE;TZID=Nowhere:20260110T183000",
            "EXDATE: the zone `Nowhere` is neither an IANA name nor a Windows name that is known",
        ),
    ] {
        let said: Vec<_> = reasons(&class(rule)).iter().map(ToString::to_string).collect();
        assert_eq!(said, [says], "{rule}");
    }
}

#[test]
fn oddities_of_a_series_are_noted() {
    assert_eq!(
        entry(&class("RRULE:FREQ=WEEKLY;BYDAY=WE\nEXDATE;TZID=Europe/Rome:20260107T190000")).notes,
        [
            EntryNote::IdleExdate("20260107T190000".into()),
            EntryNote::StartNotInRule("2026-01-07".parse().unwrap())
        ]
    );
    let in_utc = entry(&class("RRULE:FREQ=DAILY\nEXDATE:20260107T173000Z,20260108T183000Z"));
    assert_eq!(in_utc.notes, [EntryNote::IdleExdate("20260108T183000Z".into())]);
    assert_eq!(series(&in_utc).0.fields().exdates, ["2026-01-07".parse().unwrap()].into());
    assert_eq!(entry(&at("DURATION:PT1H\nRRULE:FREQ=DAILY")).notes, [EntryNote::SeriesInUtc]);
}

#[test]
fn a_calendar_says_its_zone_for_times_that_name_none() {
    let text = calendar(&["UID:a\nSUMMARY:Yoga\nDTSTART:20260105T183000\nDURATION:PT1H"]);
    let start = |text: &str| once(&import(text).entries[0]).starts_at.to_rfc3339();
    assert_eq!(start(&text), "2026-01-05T17:30:00+00:00");
    let tokyo = text.replace("VERSION:2.0", "X-WR-TIMEZONE:Asia/Tokyo");
    assert_eq!(start(&tokyo), "2026-01-05T09:30:00+00:00");
}

#[test]
fn a_time_zone_component_says_where_it_is() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Custom 1\nX-LIC-LOCATION:America/New_York\nEND:VTIMEZONE\nBEGIN:VEVENT";
    let text = calendar(&["UID:a\nSUMMARY:Yoga\nDTSTART;TZID=Custom 1:20260105T183000\nDURATION:PT1H"]);
    let import = import(&text.replacen("BEGIN:VEVENT", zone, 1));
    assert_eq!(once(&import.entries[0]).zone, chrono_tz::America::New_York);
}

#[test]
fn the_newest_revision_counts() {
    let revision = |title: &str, more: &str| format!("UID:a\nSUMMARY:{title}\n{HOUR}\n{more}");
    let (old, new) = (
        revision("Old", "SEQUENCE:1\nDTSTAMP:20260103T000000Z"),
        revision("New", "SEQUENCE:2\nDTSTAMP:20260101T000000Z"),
    );
    let (stamped, last) = (revision("Stamped", "DTSTAMP:20260102T000000Z"), revision("Last", ""));
    for (events, title) in [
        ([&new, &old], "New"),
        ([&old, &new], "New"),
        ([&stamped, &last], "Stamped"),
        ([&last, &revision("Later", "")], "Later"),
    ] {
        let import = import(&calendar(&events.map(String::as_str)));
        assert_eq!(import.entries.len(), 1);
        assert_eq!(import.entries[0].details.title, title);
        assert_eq!(import.refused[0].reasons, [Reason::Superseded { by: import.entries[0].line }]);
    }
}

const CHANGE: &str =
    "UID:a\nRECURRENCE-ID;TZID=Europe/Rome:20260112T183000\nDTSTART;TZID=Europe/Rome:20260113T190000";

#[test]
fn a_change_inherits_what_it_does_not_say() {
    let import =
        import(&calendar(&[CHANGE, &class("RRULE:FREQ=WEEKLY\nLOCATION:Room 1\nEXDATE:20260112T173000Z")]));
    let (schedule, overrides) = series(&import.entries[0]);
    let [change] = overrides else { panic!("{overrides:?}") };
    assert_eq!((change.details.title.as_str(), change.details.location.as_deref()), ("Yoga", Some("Room 1")));
    assert_eq!(change.once.duration_minutes, 60);
    assert!(schedule.fields().exdates.is_empty(), "the override says more than the EXDATE");
    let window = Window::try_new("2026-01-05".parse().unwrap(), "2026-01-19".parse().unwrap()).unwrap();
    let starts: Vec<_> =
        import.entries[0].starts(window).iter().map(|s| s.starts_at.format("%dT%H:%M").to_string()).collect();
    assert_eq!(starts, ["05T17:30", "13T18:00", "19T17:30"]);
}

#[test]
fn a_change_needs_the_occurrence_that_it_changes() {
    let why = |events: &[&str]| import(&calendar(events)).refused.pop().unwrap().reasons;
    let other_time = CHANGE.replace("20260112T183000", "20260112T180000");
    assert_eq!(why(&[&class("RRULE:FREQ=WEEKLY"), &other_time]), [Reason::NoSuchOccurrence]);
    let other_day = CHANGE.replace("20260112T183000", "20260114T183000");
    assert_eq!(why(&[&class("RRULE:FREQ=WEEKLY"), &other_day]), [Reason::NoSuchOccurrence]);
    assert_eq!(why(&[&class("CLASS:PUBLIC"), CHANGE]), [Reason::NotASeries]);
    assert_eq!(why(&[&class("RRULE:FREQ=HOURLY"), CHANGE]), [Reason::SeriesRefused]);
    let following = CHANGE.replace("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE");
    assert!(matches!(why(&[&class("RRULE:FREQ=WEEKLY"), &following])[..], [Reason::NotTaken { .. }]));
}

#[test]
fn a_change_without_its_series_is_one_start_with_its_own_key() {
    let import = import(&calendar(&[&format!("{CHANGE}\nSUMMARY:Guest class\nDURATION:PT1H")]));
    let key = &import.entries[0].key;
    assert_eq!(
        (key.uid.as_str(), key.recurrence),
        ("a", Some(RecurrenceId::Start("2026-01-12T17:30:00Z".parse().unwrap())))
    );
    assert_eq!(once(&import.entries[0]).starts_at.to_rfc3339(), "2026-01-13T18:00:00+00:00");
    assert_eq!(reasons(CHANGE), [Reason::NoTitle]);
}

#[test]
fn a_called_off_occurrence_needs_no_start() {
    let off = |id: &str, more: &str| format!("UID:a\nRECURRENCE-ID{id}\nSTATUS:CANCELLED\n{more}");
    for id in
        [";TZID=Europe/Rome:20260112T183000", ":20260112T173000Z", ";VALUE=DATE:20260112", ":20260112T000000"]
    {
        let import = import(&calendar(&[&class("RRULE:FREQ=WEEKLY"), &off(id, "")]));
        let [change] = series(&import.entries[0]).1 else { panic!("{id}: {:?}", import.refused) };
        assert_eq!(
            (change.status, change.local_date.to_string()),
            (EntryStatus::Canceled, "2026-01-12".into())
        );
        assert_eq!(change.once.starts_at.to_rfc3339(), "2026-01-12T17:30:00+00:00", "{id}");
    }
    let alone = off(":20260112T173000Z", "SUMMARY:Yoga");
    assert_eq!(reasons(&alone), [Reason::NoStart]);
    let moved = off(":20260112T173000Z", "SUMMARY:Yoga").replace("STATUS:CANCELLED\n", "");
    assert_eq!(reasons(&moved), [Reason::NoStart]);
}

#[test]
fn midnight_means_its_day() {
    let midnight =
        "RRULE:FREQ=DAILY\nEXDATE;TZID=Europe/Rome:20260107T000000\nEXDATE:20260108T230000Z,20260110T220000Z";
    let entry = entry(&class(midnight));
    assert_eq!(entry.notes, [EntryNote::IdleExdate("20260110T220000Z".into())]);
    let days = ["2026-01-07", "2026-01-09"].map(|day| day.parse().unwrap());
    assert_eq!(series(&entry).0.fields().exdates, days.into());
}

#[test]
fn a_cancellation_file_cancels() {
    let text = calendar(&[&class("STATUS:CONFIRMED")]).replace("VERSION:2.0", "METHOD:CANCEL");
    assert_eq!(import(&text).entries[0].status, EntryStatus::Canceled);
    assert_eq!(entry(&class("STATUS:canceled")).status, EntryStatus::Canceled);
}

#[test]
fn texts_are_cut_and_cleaned_and_it_is_noted() {
    let long = format!("UID:a\nSUMMARY:{}\n{HOUR}\nDESCRIPTION:a\0b\\nc", "è".repeat(201));
    let entry = entry(&long);
    assert_eq!(entry.details.title.chars().count(), 200);
    assert_eq!(entry.notes, [EntryNote::Cut("SUMMARY")]);
    assert_eq!(entry.details.description.as_deref(), Some("ab\nc"));
}

#[test]
fn names_are_in_any_case_and_unknown_lines_are_ignored() {
    let text = calendar(&[
        "uid:a\nsummary;language=it:Yoga\\, dolce\ndtstart;tzid=Europe/Rome:20260105T183000\nduration:PT1H\n=:;;\nX-BROKEN;;;\nno colon at all",
    ]);
    let import = import(&text);
    assert_eq!(import.entries[0].details.title, "Yoga, dolce");
    assert_eq!(once(&import.entries[0]).zone, Europe::Rome);
}
