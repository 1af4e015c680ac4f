//! Time comes from outside: a use case is told what time it is.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, de::Error};
use std::{collections::BTreeSet, ops::RangeInclusive, sync::Arc};

/// The years of every date that is taken from outside. What is later or earlier is a mistake, and some
/// of it neither fits the database nor survives being added to.
pub const YEARS: RangeInclusive<i32> = 1900..=2200;

/// Something that names days.
pub trait Dated {
    /// Whether all of them are within [`YEARS`].
    fn in_range(&self) -> bool;
}

impl Dated for NaiveDate {
    fn in_range(&self) -> bool {
        YEARS.contains(&self.year())
    }
}

impl Dated for NaiveDateTime {
    fn in_range(&self) -> bool {
        self.date().in_range()
    }
}

impl Dated for DateTime<Utc> {
    fn in_range(&self) -> bool {
        self.naive_utc().in_range()
    }
}

impl<T: Dated> Dated for Option<T> {
    fn in_range(&self) -> bool {
        self.as_ref().is_none_or(Dated::in_range)
    }
}

impl<T: Dated> Dated for BTreeSet<T> {
    fn in_range(&self) -> bool {
        self.iter().all(Dated::in_range)
    }
}

/// Reads a date or a time of a body or a query: `#[serde(deserialize_with = "time::in_range")]`.
///
/// # Errors
/// When it is none, or its year is not within [`YEARS`].
pub fn in_range<'de, D: Deserializer<'de>, T: Deserialize<'de> + Dated>(from: D) -> Result<T, D::Error> {
    let value = T::deserialize(from)?;
    if value.in_range() {
        return Ok(value);
    }
    Err(D::Error::custom(format!("expected a year from {} to {}", YEARS.start(), YEARS.end())))
}

/// Tells the time. Services hold one; tests hold one that they can move.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, to the microsecond that the database keeps.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::{IntoDeserializer, value::Error};

    fn read<'de, T: Deserialize<'de> + Dated>(text: &'de str) -> Option<T> {
        let from: serde::de::value::BorrowedStrDeserializer<'de, Error> =
            serde::de::value::BorrowedStrDeserializer::new(text);
        in_range(from).ok()
    }

    #[test]
    fn dates_and_times_are_taken_from_the_first_moment_of_1900_to_the_last_of_2200() {
        for (right, wrong) in [("1900-01-01", "1899-12-31"), ("2200-12-31", "2201-01-01")] {
            assert!(read::<NaiveDate>(right).is_some() && read::<NaiveDate>(wrong).is_none(), "{wrong}");
        }
        for (right, wrong) in [
            ("1900-01-01T00:00:00Z", "1899-12-31T23:59:59Z"),
            ("2200-12-31T23:59:59Z", "2201-01-01T00:00:00Z"),
            ("2201-01-01T00:30:00+01:00", "2200-12-31T23:30:00-01:00"),
        ] {
            assert!(read::<DateTime<Utc>>(right).is_some(), "{right}");
            assert!(read::<DateTime<Utc>>(wrong).is_none(), "{wrong}");
        }
        for wrong in ["+262142-12-31T23:30:00Z", "-4713-01-01T00:00:00Z", "+12027-01-01T00:00:00Z"] {
            assert!(read::<DateTime<Utc>>(wrong).is_none(), "{wrong}");
        }
        assert!(read::<NaiveDateTime>("+262142-12-31T23:30:00").is_none());
        let dates = |text: &'static str| -> Result<BTreeSet<NaiveDate>, Error> {
            in_range(vec!["2026-01-01", text].into_deserializer())
        };
        assert!(dates("2200-12-31").is_ok() && dates("2201-01-01").is_err());
    }
}
