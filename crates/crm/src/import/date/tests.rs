//! Dates in the forms of spreadsheets and people.

use super::*;
use chrono::Datelike;

fn read(text: &str, order: Option<DateOrder>) -> Option<String> {
    read_date(text, order, "2027-12-31".parse().unwrap()).map(|read| read.date.to_string())
}

fn finding(dates: &[(&str, usize)]) -> DateFinding {
    let mut method = DateEvidence::default();
    for (date, times) in dates {
        (0..*times).for_each(|_| method.look(date));
    }
    method.finding()
}

#[test]
fn unambiguous_dates_need_no_order() {
    for text in [
        "2024-05-03",
        "2024/05/03",
        "2024-05-03T10:30:00Z",
        "2024-05-03 10:30",
        "03.05.2024",
        "3.5.24",
        "3 May 2024",
        "03-MAY-2024",
        "May 3, 2024",
        "3 maggio 2024",
        "3. Mai 2024",
        "3-mag-24",
        "03.05.2567",
        "๓.๕.๒๕๖๗",
        "2567-05-03",
        "20240503",
        "3 May 2024 12:00:00 AM",
        "03.05.2024 0.00.00",
        "3 mai 2024",
        "May 3rd, 2024",
        "Friday, May 3, 2024",
        "venerdì 3 maggio 2024",
        "2024.05.03.",
        "２０２４-05-03",
        "2024-05-03T00:00:00.000+02:00",
        "3 พฤษภาคม 2567",
    ] {
        assert_eq!(read(text, None).as_deref(), Some("2024-05-03"), "{text}");
    }
}

#[test]
fn ambiguous_dates_need_an_order() {
    assert_eq!(read("03/05/2024", None), None);
    assert_eq!(read("03/05/2024", Some(DateOrder::DayFirst)).as_deref(), Some("2024-05-03"));
    assert_eq!(read("03-05-2024 11:15 PM", Some(DateOrder::MonthFirst)).as_deref(), Some("2024-03-05"));
    assert_eq!(read("05/13/2024", Some(DateOrder::DayFirst)), None, "a row is never guessed");
}

#[test]
fn a_short_year_is_the_latest_that_is_not_after_the_newest_date() {
    assert_eq!(read("01.01.27", None).as_deref(), Some("2027-01-01"));
    assert_eq!(read("01.01.28", None).as_deref(), Some("1928-01-01"));
    assert_eq!(read("01.01.00", None).as_deref(), Some("2000-01-01"));
    let born = |text| read_date(text, None, "2026-11-21".parse().unwrap()).unwrap();
    assert_eq!(born("21.11.26").date.to_string(), "2026-11-21");
    assert_eq!(born("22.11.26").date.to_string(), "1926-11-22");
    assert!(born("22.11.26").was_short && !born("22.11.1926").was_short);
}

#[test]
fn a_time_of_day_is_cut_off_and_noted_when_it_is_not_midnight() {
    for (text, had_time) in [
        ("31.12.1990", false),
        ("31.12.1990 0.00.00", false),
        ("31.12.1990 00:00:00", false),
        ("31.12.1990 12:00:00 AM", false),
        ("31.12.1990 12:00:00 PM", true),
        ("31.12.1990 00:00:01", true),
        ("1990-12-31T22:00:00.000Z", true),
        ("1990-12-31T00:00:00.000Z", false),
    ] {
        let read = read_date(text, None, "2026-11-21".parse().unwrap()).unwrap();
        assert_eq!((read.date.to_string().as_str(), read.had_time), ("1990-12-31", had_time), "{text}");
    }
}

#[test]
fn numbers_that_run_together_need_an_order_unless_the_year_is_first() {
    assert_eq!(read("03051990", None), None);
    assert_eq!(read("03051990", Some(DateOrder::DayFirst)).as_deref(), Some("1990-05-03"));
    assert_eq!(read("19900503", Some(DateOrder::MonthFirst)).as_deref(), Some("1990-05-03"));
    for wrong in ["19901303", "18991231", "32996", "1990050"] {
        assert_eq!(read(wrong, Some(DateOrder::DayFirst)), None, "{wrong}");
    }
}

#[test]
fn a_month_that_is_shortened_too_much_is_refused() {
    assert_eq!(read("3 jui 2024", None), None);
    assert_eq!(read("3 juin 2024", None).as_deref(), Some("2024-06-03"));
    assert_eq!(read("3 juil 2024", None).as_deref(), Some("2024-07-03"));
}

#[test]
fn years_of_the_buddhist_era_are_2400_to_2700() {
    let newest = "2027-12-31".parse().unwrap();
    for (text, year, was_buddhist) in [
        ("2399-01-01", 2399, false),
        ("2400-01-01", 1857, true),
        ("2700-01-01", 2157, true),
        ("2701-01-01", 2701, false),
    ] {
        let read = read_date(text, None, newest).unwrap();
        assert_eq!((read.date.year(), read.was_buddhist), (year, was_buddhist));
    }
}

#[test]
fn a_text_that_is_not_a_date_is_refused() {
    for text in [
        "",
        "soon",
        "45231",
        "31/02/2024",
        "2024-13-01",
        "1/2",
        "1/2/3/4",
        "32.01.2024",
        "ma 3 2024",
        "03/05/024",
    ] {
        assert_eq!(read(text, Some(DateOrder::DayFirst)), None, "{text}");
    }
}

#[test]
fn the_order_is_found_from_the_dates_of_the_file() {
    let known = |order| DateFinding::Known { order };
    assert_eq!(finding(&[("01/02/2024", 9), ("25/02/2024", 1)]), known(DateOrder::DayFirst));
    assert_eq!(finding(&[("01/02/2024", 9), ("02/25/2024", 1)]), known(DateOrder::MonthFirst));
    assert_eq!(finding(&[("2024-01-02", 9), ("03.04.2024", 1), ("04/04/2024", 1)]), DateFinding::NotNeeded);
    assert_eq!(finding(&[("01/02/2024", 2)]), DateFinding::Unclear { example: "01/02/2024".into() });
}

#[test]
fn one_typing_error_in_twenty_dates_is_tolerated() {
    let known = DateFinding::Known { order: DateOrder::DayFirst };
    assert_eq!(finding(&[("25/02/2024", 20), ("02/25/2024", 1)]), known);
    assert!(matches!(finding(&[("25/02/2024", 19), ("02/25/2024", 1)]), DateFinding::Unclear { .. }));
}
