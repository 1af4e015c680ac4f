//! The program books, is refused, and stays as small as the documentation says.

use std::process::Command;

const MOST_LINES: usize = 120;

#[test]
fn it_prints_a_booking_and_then_a_refusal_with_its_code_its_facts_and_its_remedy() {
    let ran = Command::new(env!("CARGO_BIN_EXE_own-store")).output().unwrap();
    let printed = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{printed}");
    let lines: Vec<_> = printed.lines().collect();
    assert!(lines[2].starts_with("Ada has the only spot of Yoga: bkg_"), "{printed}");
    let others: Vec<_> = lines.iter().filter(|line| !line.starts_with("Ada")).copied().collect();
    assert_eq!(
        others,
        [
            "decided: events.book Allowed",
            "published: events.booked",
            "decided: events.book Denied",
            "Eve is refused: events.book.full",
            "  because event.spots_total is 1",
            "  because event.spots_free is 0",
            "  because event.waiting is 0",
            "  remedy: Join the waitlist: a freed spot is yours when it is your turn.",
        ]
    );
}

#[test]
fn it_has_at_most_120_lines() {
    let lines = include_str!("../src/main.rs").lines().count();
    assert!(lines <= MOST_LINES, "{lines} lines");
}
