//! Parses dates in the forms of other systems.
//!
//! `2024-05-13`, `13.05.2024`, `13 May 2024` and `05/13/2024` are unambiguous; `05/06/2024` is not. The
//! whole file has one order of day and month: that of its unambiguous dates, or the one that the importer
//! chooses. The order is never guessed for a single row. Years from 2400 to 2700 are of the Buddhist era
//! (543 years ahead), which Thai systems write.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The order of day and month in a date of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `31/12/2024`
    DayFirst,
    /// `12/31/2024`
    MonthFirst,
}

/// The order of day and month that the dates of a file show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum DateFinding {
    /// Every date of the file is unambiguous.
    NotNeeded,
    /// The unambiguous dates have this order; at most one in twenty-one contradicts it.
    Known {
        /// The order.
        order: DateOrder,
    },
    /// Some dates are ambiguous, and no date shows the order, or the dates contradict each other.
    Unclear {
        /// An ambiguous date of the file.
        example: String,
    },
}

/// Counts the dates of a file by the order that they show.
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

/// A parsed date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadDate {
    pub(crate) date: NaiveDate,
    pub(crate) was_buddhist: bool,
    /// Whether the year had two digits.
    pub(crate) was_short: bool,
    /// Whether a time of day other than midnight was left out.
    pub(crate) had_time: bool,
}

/// Parses a date, also one with a time. A year of two digits becomes the latest year with which the date is
/// not after `newest`. `None` for a text that is not a date, and for an ambiguous date without an `order`.
pub(crate) fn read_date(text: &str, order: Option<DateOrder>, newest: NaiveDate) -> Option<ReadDate> {
    let text = ascii_digits(text);
    let had_time = without_time(&text).1;
    let (year, month, day) = match shape(&text)? {
        Shape::Settled { year, month, day } => (year, month, day),
        Shape::Numbers { first, second, year } => match order? {
            DateOrder::DayFirst => (year, second, first),
            DateOrder::MonthFirst => (year, first, second),
        },
    };
    let (was_short, was_buddhist) = match year {
        Year::Full(year) => (false, (2400..=2700).contains(&year)),
        Year::Short(_) => (true, false),
    };
    let date = match year {
        Year::Full(year) => NaiveDate::from_ymd_opt(if was_buddhist { year - 543 } else { year }, month, day),
        Year::Short(year) => {
            let in_century = |century| NaiveDate::from_ymd_opt(century + year, month, day);
            in_century(2000).filter(|date| *date <= newest).or_else(|| in_century(1900))
        }
    };
    date.map(|date| ReadDate { date, was_buddhist, was_short, had_time })
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
    let text = ascii_digits(text);
    let date = without_time(&text).0;
    let mut tokens = tokens(date);
    // `Thursday, May 3, 1990`
    if tokens.len() == 4 && tokens.first().is_some_and(|first| is_weekday(first)) {
        tokens.remove(0);
    }
    if let &[digits] = tokens.as_slice() {
        return run_together(digits);
    }
    let &[a, b, c] = tokens.as_slice() else { return None };
    if a.len() == 4 {
        let month = month_name(b).or_else(|| number(b))?;
        return Some(Shape::Settled { year: year(a)?, month, day: number(c)? });
    }
    let year = year(c)?;
    if let Some(month) = month_name(b) {
        return Some(Shape::Settled { year, month, day: ordinal(a)? });
    }
    if let Some(month) = month_name(a) {
        return Some(Shape::Settled { year, month, day: ordinal(b)? });
    }
    let (first, second) = (number(a)?, number(b)?);
    // Dates with dots are written only where the day comes first.
    if date.contains('.') {
        return Some(Shape::Settled { year, month: second, day: first });
    }
    Some(Shape::Numbers { first, second, year })
}

fn tokens(date: &str) -> Vec<&str> {
    date.split(['/', '-', '.', ',', ' ', '\u{a0}']).filter(|token| !token.is_empty()).collect()
}

/// Parses `19900503`, or `03051990`, which needs an order like other dates of numbers.
fn run_together(digits: &str) -> Option<Shape> {
    let are_digits = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit());
    let (start, end) = digits.split_at_checked(4).filter(|_| are_digits)?;
    let is_year = |text: &str| text.parse::<i32>().is_ok_and(|year| (1900..2100).contains(&year));
    let two = |text: &str| Some((number(text.get(..2)?)?, number(text.get(2..)?)?));
    if is_year(start) {
        let (month, day) = two(end)?;
        return Some(Shape::Settled { year: year(start)?, month, day });
    }
    let (first, second) = two(start).filter(|_| is_year(end))?;
    Some(Shape::Numbers { first, second, year: year(end)? })
}

/// The text before a time such as `T10:00`, ` 10:00`, ` 0.00.00` or ` 10.00 AM`, and whether that time is
/// not midnight.
fn without_time(text: &str) -> (&str, bool) {
    let text = text.trim();
    let starts = text.char_indices().filter(|(_, c)| matches!(c, 'T' | 't' | ' ' | '\u{a0}'));
    let found = starts.filter_map(|(at, c)| {
        let (before, rest) = (text.get(..at)?, text.get(at + c.len_utf8()..)?);
        // A text with dots might be a date: it counts as a time only after a complete date.
        let dots = tokens(before).len() >= 3 || (tokens(before).len() == 1 && before.len() == 8);
        time(rest.trim_start(), dots)
            .map(|is_midnight| (before.trim_end().trim_end_matches(','), !is_midnight))
    });
    let mut found = found;
    found.next().unwrap_or((text, false))
}

/// Whether `text` starts with midnight; `None` if it does not start with a time of day.
fn time(text: &str, dots: bool) -> Option<bool> {
    let is_mark = |c: char| c == ':' || (dots && c == '.');
    let (hour, rest) = text.split_once(is_mark)?;
    let hour = number(hour).filter(|hour| *hour < 24)?;
    let minute = number(rest.get(..2)?).filter(|minute| *minute < 60)?;
    let rest = rest.get(2..)?;
    let seconds = rest.strip_prefix(is_mark).and_then(|rest| number(rest.get(..2)?));
    let is_noon_clock = rest.to_ascii_lowercase().contains("am") || rest.to_ascii_lowercase().contains("a.m");
    let hour = if is_noon_clock && hour == 12 { 0 } else { hour };
    Some(hour == 0 && minute == 0 && seconds.unwrap_or(0) == 0)
}

/// Converts Thai and full-width digits to ASCII.
fn ascii_digits(text: &str) -> String {
    let ascii = |c: char| match c {
        '๐'..='๙' => char::from_digit(u32::from(c) - 0x0e50, 10).unwrap_or(c),
        '０'..='９' => char::from_digit(u32::from(c) - 0xff10, 10).unwrap_or(c),
        c => c,
    };
    text.trim().chars().map(ascii).collect()
}

/// Parses a day of the month: `3`, `3rd`, `1er`, `1º`.
fn ordinal(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let ending = text.get(digits.len()..)?.to_lowercase();
    let fits = matches!(ending.as_str(), "" | "st" | "nd" | "rd" | "th" | "er" | "º" | "°" | "ª");
    number(digits).filter(|_| fits)
}

fn is_weekday(text: &str) -> bool {
    const NAMES: [&[&str]; 5] = [
        &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        &["lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "sabato", "domenica"],
        &["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"],
        &["lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"],
        &["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    ];
    let text = crate::fold::key(text);
    text.len() >= 2 && NAMES.iter().flat_map(|names| names.iter()).any(|name| name.starts_with(&text))
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

/// Parses English, Italian, German, Spanish, French and Thai names of months, in full or shortened to three
/// letters or more if that is unambiguous.
fn month_name(text: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &["january", "gennaio", "januar", "enero", "janvier", "มกราคม"],
        &["february", "febbraio", "februar", "febrero", "fevrier", "กุมภาพันธ์"],
        &["march", "marzo", "maerz", "marz", "mrz", "mars", "มีนาคม"],
        &["april", "aprile", "abril", "avril", "เมษายน"],
        &["may", "maggio", "mai", "mayo", "พฤษภาคม"],
        &["june", "giugno", "juni", "junio", "juin", "มิถุนายน"],
        &["july", "luglio", "juli", "julio", "juillet", "กรกฎาคม"],
        &["august", "agosto", "aout", "สิงหาคม"],
        &["september", "settembre", "septiembre", "septembre", "กันยายน"],
        &["october", "ottobre", "oktober", "octubre", "octobre", "ตุลาคม"],
        &["november", "novembre", "noviembre", "novembre", "พฤศจิกายน"],
        &["december", "dicembre", "dezember", "diciembre", "decembre", "ธันวาคม"],
    ];
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let text = crate::fold::key(text);
    if text.chars().count() < 3 {
        return None;
    }
    // Folding would split a Thai name.
    let is_named = |name: &&str| match name.is_ascii() {
        true => name.starts_with(&text),
        false => crate::fold::key(name).starts_with(&text),
    };
    let is_of = |names: &&[&str]| names.iter().any(is_named);
    let mut tree = (1..).zip(NAMES).filter(|(_, names)| is_of(names)).map(|(place, _)| place);
    let place = tree.next()?;
    // `jui` could be June or July in French.
    tree.next().is_none().then_some(place)
}

#[cfg(test)]
mod tests;
