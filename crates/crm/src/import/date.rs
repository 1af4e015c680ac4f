//! Dates as other systems write them.
//!
//! `2024-05-13`, `13.05.2024` and `13 May 2024` can be read in one way only. `05/13/2024` can be
//! too, by itself; `05/06/2024` can't. One order holds for the whole file: the one that its
//! unambiguous dates have, or the one that the importer says. A row is never guessed.
//! Years from 2400 to 2700 are of the Buddhist era (543 years ahead), which Thai systems write.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// What comes first in a date of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `31/12/2024`
    DayFirst,
    /// `12/31/2024`
    MonthFirst,
}

/// What the dates of a file tell about their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum DateFinding {
    /// No date of the file depends on it.
    NotNeeded,
    /// This order; at most one in twenty-one of the dates that tell says otherwise.
    Known {
        /// The order.
        order: DateOrder,
    },
    /// Dates depend on it, and none tells; or they contradict each other.
    Unclear {
        /// A date that depends on it.
        example: String,
    },
}

/// Gathers what the dates of a file tell.
#[derive(Debug, Default)]
pub(crate) struct DateEvidence {
    day_first: u64,
    month_first: u64,
    example: Option<String>,
}

impl DateEvidence {
    pub(crate) fn look(&mut self, text: &str) {
        let Some(Shape::Numbers { first, second, .. }) = shape(text) else { return };
        match (first > 12, second > 12) {
            (true, false) => self.day_first += 1,
            (false, true) => self.month_first += 1,
            (false, false) if first != second && self.example.is_none() => {
                self.example = Some(text.trim().to_owned())
            }
            _ => {}
        }
    }

    pub(crate) fn finding(self) -> DateFinding {
        let (less, more, order) = if self.day_first >= self.month_first {
            (self.month_first, self.day_first, DateOrder::DayFirst)
        } else {
            (self.day_first, self.month_first, DateOrder::MonthFirst)
        };
        match (self.example, more > 0 && less * 20 <= more) {
            (_, true) => DateFinding::Known { order },
            (None, false) if more == 0 => DateFinding::NotNeeded,
            (example, false) => {
                DateFinding::Unclear { example: example.unwrap_or_else(|| "01/02/2024".to_owned()) }
            }
        }
    }
}

/// A date that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadDate {
    pub(crate) date: NaiveDate,
    pub(crate) was_buddhist: bool,
}

/// Reads a date, a moment's date too. Years of two digits are the latest that are not more than a
/// year after `today`. None for what is no date, or one that needs an order when there is none.
pub(crate) fn read_date(text: &str, order: Option<DateOrder>, today: NaiveDate) -> Option<ReadDate> {
    let (year, month, day) = match shape(text)? {
        Shape::Settled { year, month, day } => (year, month, day),
        Shape::Numbers { first, second, year } => match order? {
            DateOrder::DayFirst => (year, second, first),
            DateOrder::MonthFirst => (year, first, second),
        },
    };
    let (year, was_buddhist) = match year {
        Year::Full(year @ 2400..=2700) => (year - 543, true),
        Year::Full(year) => (year, false),
        Year::Short(year) if 2000 + year > today.year() + 1 => (1900 + year, false),
        Year::Short(year) => (2000 + year, false),
    };
    NaiveDate::from_ymd_opt(year, month, day).map(|date| ReadDate { date, was_buddhist })
}

#[derive(Debug, Clone, Copy)]
enum Year {
    Full(i32),
    Short(i32),
}

#[derive(Debug)]
enum Shape {
    Settled { year: Year, month: u32, day: u32 },
    Numbers { first: u32, second: u32, year: Year },
}

fn shape(text: &str) -> Option<Shape> {
    let text: String = text.trim().chars().map(ascii_digit).collect();
    let date = without_time(&text);
    let tokens: Vec<&str> =
        date.split(['/', '-', '.', ',', ' ', '\u{a0}']).filter(|t| !t.is_empty()).collect();
    let &[a, b, c] = tokens.as_slice() else { return None };
    if a.len() == 4 {
        let month = month_name(b).or_else(|| number(b))?;
        return Some(Shape::Settled { year: year(a)?, month, day: number(c)? });
    }
    let year = year(c)?;
    if let Some(month) = month_name(b) {
        return Some(Shape::Settled { year, month, day: number(a)? });
    }
    if let Some(month) = month_name(a) {
        return Some(Shape::Settled { year, month, day: number(b)? });
    }
    let (first, second) = (number(a)?, number(b)?);
    // Dots are written where the day comes first, and nowhere else.
    if date.contains('.') {
        return Some(Shape::Settled { year, month: second, day: first });
    }
    Some(Shape::Numbers { first, second, year })
}

/// The text before `T10:00`, ` 10:00` and ` 10.00 AM`.
fn without_time(text: &str) -> &str {
    let end = text.char_indices().find(|(at, c)| {
        let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
        let is_before_time =
            rest.split_once(':').is_some_and(|(hour, _)| number(hour).is_some_and(|h| h < 24));
        matches!(c, 'T' | 't' | ' ') && is_before_time
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text).trim_end()
}

fn ascii_digit(c: char) -> char {
    match c {
        '๐'..='๙' => char::from_digit(u32::from(c) - 0x0e50, 10).unwrap_or(c),
        c => c,
    }
}

fn number(text: &str) -> Option<u32> {
    let fits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

fn year(text: &str) -> Option<Year> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        4 => text.parse().ok().map(Year::Full),
        2 => text.parse().ok().map(Year::Short),
        _ => None,
    }
}

/// English, Italian, German and Spanish names, whole or cut after three letters or more.
fn month_name(text: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &["january", "gennaio", "januar", "enero"],
        &["february", "febbraio", "februar", "febrero"],
        &["march", "marzo", "maerz", "marz", "mrz"],
        &["april", "aprile", "abril"],
        &["may", "maggio", "mai", "mayo"],
        &["june", "giugno", "juni", "junio"],
        &["july", "luglio", "juli", "julio"],
        &["august", "agosto"],
        &["september", "settembre", "septiembre", "sept"],
        &["october", "ottobre", "oktober", "octubre"],
        &["november", "novembre", "noviembre"],
        &["december", "dicembre", "dezember", "diciembre"],
    ];
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let text = crate::fold::key(text);
    if text.chars().count() < 3 {
        return None;
    }
    let place = NAMES.iter().position(|names| names.iter().any(|name| name.starts_with(&text)))?;
    u32::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, order: Option<DateOrder>) -> Option<String> {
        read_date(text, order, "2026-11-21".parse().unwrap()).map(|read| read.date.to_string())
    }

    fn finding(dates: &[(&str, usize)]) -> DateFinding {
        let mut evidence = DateEvidence::default();
        for (date, times) in dates {
            (0..*times).for_each(|_| evidence.look(date));
        }
        evidence.finding()
    }

    #[test]
    fn dates_that_can_be_read_in_one_way_need_no_order() {
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
        ] {
            assert_eq!(read(text, None).as_deref(), Some("2024-05-03"), "{text}");
        }
    }

    #[test]
    fn other_dates_need_one() {
        assert_eq!(read("03/05/2024", None), None);
        assert_eq!(read("03/05/2024", Some(DateOrder::DayFirst)).as_deref(), Some("2024-05-03"));
        assert_eq!(read("03-05-2024 11:15 PM", Some(DateOrder::MonthFirst)).as_deref(), Some("2024-03-05"));
        assert_eq!(read("05/13/2024", Some(DateOrder::DayFirst)), None, "a row is never guessed");
    }

    #[test]
    fn a_short_year_is_the_latest_that_is_at_most_next_year() {
        assert_eq!(read("01.01.27", None).as_deref(), Some("2027-01-01"));
        assert_eq!(read("01.01.28", None).as_deref(), Some("1928-01-01"));
        assert_eq!(read("01.01.00", None).as_deref(), Some("2000-01-01"));
    }

    #[test]
    fn years_of_the_buddhist_era_are_2400_to_2700() {
        let today = "2026-11-21".parse().unwrap();
        for (text, year, was_buddhist) in [
            ("2399-01-01", 2399, false),
            ("2400-01-01", 1857, true),
            ("2700-01-01", 2157, true),
            ("2701-01-01", 2701, false),
        ] {
            let read = read_date(text, None, today).unwrap();
            assert_eq!((read.date.year(), read.was_buddhist), (year, was_buddhist));
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
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
    fn the_file_tells_its_order_by_itself() {
        let known = |order| DateFinding::Known { order };
        assert_eq!(finding(&[("01/02/2024", 9), ("25/02/2024", 1)]), known(DateOrder::DayFirst));
        assert_eq!(finding(&[("01/02/2024", 9), ("02/25/2024", 1)]), known(DateOrder::MonthFirst));
        assert_eq!(
            finding(&[("2024-01-02", 9), ("03.04.2024", 1), ("04/04/2024", 1)]),
            DateFinding::NotNeeded
        );
        assert_eq!(finding(&[("01/02/2024", 2)]), DateFinding::Unclear { example: "01/02/2024".into() });
    }

    #[test]
    fn one_typing_error_in_twenty_dates_is_tolerated() {
        let known = DateFinding::Known { order: DateOrder::DayFirst };
        assert_eq!(finding(&[("25/02/2024", 20), ("02/25/2024", 1)]), known);
        assert!(matches!(finding(&[("25/02/2024", 19), ("02/25/2024", 1)]), DateFinding::Unclear { .. }));
    }
}
