//! Dates and times as callers write them: only the forms that the API contract names, and only in the
//! supported range of years. A calendar library would accept more.
//!
//! Fields of bodies and parameters say `#[serde(deserialize_with = "iso::read")]`, together with `default`
//! when they may be missing. The database stores instants to the microsecond, so they are truncated on
//! input: an answer then shows exactly what is stored.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, de::Error};
use std::{borrow::Cow, collections::BTreeSet};

/// The first supported year of a date.
pub const FIRST_YEAR: i32 = 1900;
/// The last supported year of a date.
pub const LAST_YEAR: i32 = 2200;

/// Whether the year of `date` is in the supported range.
#[must_use]
pub fn is_in_range(date: NaiveDate) -> bool {
    (FIRST_YEAR..=LAST_YEAR).contains(&date.year())
}

/// Why a text is not a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IsoError {
    /// The text has another form, or names a day or time that does not exist.
    #[error("expected {0}")]
    Form(&'static str),
    /// The year is out of the supported range.
    #[error("expected a year from {FIRST_YEAR} to {LAST_YEAR}")]
    Year,
}

/// A type that is read from an ISO 8601 form.
pub trait FromIso: Sized {
    /// Reads the value from `text`.
    ///
    /// # Errors
    /// [`IsoError`].
    fn from_iso(text: &str) -> Result<Self, IsoError>;
}

// In `form`, `0` stands for a digit and a letter for itself in either case.
fn has_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            other => byte.eq_ignore_ascii_case(&other),
        })
}

// The time in `text` without its fraction of at most nine digits. Refuses a leap second: a minute has sixty
// seconds.
fn without_fraction(text: &str) -> Option<&str> {
    let Some((clock, fraction)) = text.split_once('.') else { return Some(text) };
    let holds = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    holds.then_some(clock)
}

fn in_range<T>(date: NaiveDate, value: T) -> Result<T, IsoError> {
    if is_in_range(date) { Ok(value) } else { Err(IsoError::Year) }
}

const DATE: IsoError = IsoError::Form("a date such as 2026-03-30");
const TIME: IsoError = IsoError::Form("a time of day such as 18:30:00");
const LOCAL: IsoError = IsoError::Form("a local time such as 2026-03-30T18:30:00");
const INSTANT: IsoError = IsoError::Form("a time with its offset such as 2026-03-30T18:30:00+02:00");

impl FromIso for NaiveDate {
    fn from_iso(text: &str) -> Result<Self, IsoError> {
        if !has_form(text, "0000-00-00") {
            return Err(DATE);
        }
        let date = text.parse().map_err(|_| DATE)?;
        in_range(date, date)
    }
}

impl FromIso for NaiveTime {
    fn from_iso(text: &str) -> Result<Self, IsoError> {
        if !has_form(text, "00:00:00") || text.ends_with(":60") {
            return Err(TIME);
        }
        text.parse().map_err(|_| TIME)
    }
}

impl FromIso for NaiveDateTime {
    fn from_iso(text: &str) -> Result<Self, IsoError> {
        let clock = without_fraction(text).ok_or(LOCAL)?;
        if !has_form(clock, "0000-00-00T00:00:00") || clock.ends_with(":60") {
            return Err(LOCAL);
        }
        let upper = text.to_ascii_uppercase();
        let at: Self = upper.parse().map_err(|_| LOCAL)?;
        in_range(at.date(), at.trunc_subsecs(6))
    }
}

impl FromIso for DateTime<Utc> {
    fn from_iso(text: &str) -> Result<Self, IsoError> {
        let local = match text.as_bytes() {
            [.., b'Z' | b'z'] => text.get(..text.len() - 1),
            _ => text.len().checked_sub("+00:00".len()).and_then(|at| {
                let (local, offset) = (text.get(..at)?, text.get(at..)?);
                (has_form(offset, "+00:00") || has_form(offset, "-00:00")).then_some(local)
            }),
        };
        let clock = local.and_then(without_fraction).ok_or(INSTANT)?;
        if !has_form(clock, "0000-00-00T00:00:00") || clock.ends_with(":60") {
            return Err(INSTANT);
        }
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| INSTANT)?.to_utc();
        in_range(at.date_naive(), at.trunc_subsecs(6))
    }
}

/// The type of a field with dates or times: one, an optional one, or several.
pub trait IsoField: Sized {
    /// Reads the field.
    ///
    /// # Errors
    /// When the field contains anything else.
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error>;
}

macro_rules! fields {
    ($($of:ty),*) => {$(
        impl IsoField for $of {
            fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::from_iso(&Cow::<'de, str>::deserialize(from)?).map_err(D::Error::custom)
            }
        }
    )*};
}

fields!(NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>);

impl<T: FromIso> IsoField for Option<T> {
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Option::<Cow<'de, str>>::deserialize(from)?;
        text.map(|text| T::from_iso(&text).map_err(D::Error::custom)).transpose()
    }
}

impl<T: FromIso + Ord> IsoField for BTreeSet<T> {
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = Vec::<Cow<'de, str>>::deserialize(from)?;
        all.iter().map(|text| T::from_iso(text).map_err(D::Error::custom)).collect()
    }
}

/// Reads a field of a body or a parameter.
///
/// # Errors
/// When the field contains no date or time of the expected kind.
pub fn read<'de, D: Deserializer<'de>, T: IsoField>(from: D) -> Result<T, D::Error> {
    T::read(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds<T: FromIso>(texts: &[&str]) {
        for text in texts {
            assert!(T::from_iso(text).is_ok(), "{text}");
        }
    }

    fn fails<T: FromIso + std::fmt::Debug>(texts: &[&str]) {
        for text in texts {
            assert!(T::from_iso(text).is_err(), "{text}: {:?}", T::from_iso(text));
        }
    }

    #[test]
    fn years_are_of_four_digits_and_in_range() {
        holds::<NaiveDate>(&["1900-01-01", "2200-12-31", "2028-02-29"]);
        fails::<NaiveDate>(&["1899-12-31", "2201-01-01", "+12027-01-01", "-4713-01-01", "2026-02-29"]);
        fails::<NaiveDate>(&["2026-1-1", "2026-01-01T00:00:00", " 2026-01-01", "2026-01-01 ", ""]);
        holds::<DateTime<Utc>>(&["1900-01-01T00:00:00Z", "2200-12-31T23:59:59.999999Z"]);
        fails::<DateTime<Utc>>(&[
            "1899-12-31T23:59:59Z",
            "2201-01-01T00:00:00Z",
            "1900-01-01T00:00:00+01:00",
        ]);
        fails::<DateTime<Utc>>(&[
            "+12027-01-01T00:00:00Z",
            "-4713-01-01T00:00:00Z",
            "2200-12-31T23:30:00-01:00",
        ]);
        fails::<NaiveDateTime>(&["+12027-01-01T00:00:00", "1899-12-31T23:59:59", "2201-01-01T00:00:00"]);
    }

    #[test]
    fn a_minute_has_sixty_seconds_whatever_the_kind() {
        holds::<NaiveTime>(&["00:00:00", "23:59:59"]);
        fails::<NaiveTime>(&["23:59:60", "24:00:00", "18:30", "18:30:00.5", "8:30:00", "18:30:00Z"]);
        holds::<NaiveDateTime>(&["2026-03-30T18:30:00", "2026-03-30t18:30:00.25"]);
        fails::<NaiveDateTime>(&["2026-03-30T23:59:60", "2026-03-30 18:30:00", "2026-03-30T18:30:00."]);
        fails::<NaiveDateTime>(&["2026-03-30T18:30", "2026-03-30T18:30.5", "2026-03-30T18:30:00.1234567890"]);
        holds::<DateTime<Utc>>(&[
            "2026-03-30T18:30:00+02:00",
            "2026-03-30t18:30:00z",
            "2026-03-30T18:30:00.5-00:30",
        ]);
        fails::<DateTime<Utc>>(&[
            "2026-03-30T23:59:60Z",
            "2026-03-30T18:30Z",
            "2026-03-30 18:30:00Z",
            "Z",
            "é+00:00",
        ]);
        fails::<DateTime<Utc>>(&[
            "2026-03-30T18:30:00",
            "2026-03-30T18:30:00+0200",
            "2026-03-30T18:30:00+24:00",
        ]);
    }

    #[test]
    fn instants_are_truncated_to_what_is_stored() {
        let at = |text| DateTime::<Utc>::from_iso(text).unwrap();
        assert_eq!(at("2026-03-30T18:30:00.123456789Z"), at("2026-03-30T18:30:00.123456Z"));
        let local = |text| NaiveDateTime::from_iso(text).unwrap();
        assert_eq!(local("2026-03-30T18:30:00.9999999"), local("2026-03-30T18:30:00.999999"));
    }
}
