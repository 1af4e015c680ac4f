//! The range of local dates that one query of a schedule spans.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use tryzore_kernel::Problem;

/// A range of local dates, both ends included; at most [`Window::MAX_DAYS`] days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    first: NaiveDate,
    last: NaiveDate,
}

/// The reason for which two dates are no window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// The last date is before the first.
    #[error("the last date is before the first")]
    Backwards,
    /// The window has more days than one query may span.
    #[error("a window spans at most {} days", Window::MAX_DAYS)]
    TooWide,
}

impl WindowError {
    /// The problem for a caller who sent the last date in the field `pointer`.
    #[must_use]
    pub fn problem(&self, pointer: &str) -> Problem {
        Problem::invalid(pointer, self.to_string())
    }
}

impl Window {
    /// The longest window in days: a leap year.
    pub const MAX_DAYS: u16 = 366;

    /// The window from `first` to `last`, both included.
    pub fn try_new(first: NaiveDate, last: NaiveDate) -> Result<Self, WindowError> {
        match (last - first).num_days() {
            ..0 => Err(WindowError::Backwards),
            days if days >= i64::from(Self::MAX_DAYS) => Err(WindowError::TooWide),
            _ => Ok(Self { first, last }),
        }
    }

    /// The `days` days from the local date of `now` in `zone` on: at least one, at most
    /// [`Window::MAX_DAYS`]. Events that started earlier today are included.
    #[must_use]
    pub fn ahead(now: DateTime<Utc>, zone: Tz, days: u16) -> Self {
        let first = now.with_timezone(&zone).date_naive();
        let days = TimeDelta::days(i64::from(days.clamp(1, Self::MAX_DAYS)) - 1);
        Self { first, last: first.checked_add_signed(days).unwrap_or(first) }
    }

    /// The window of the single day `date`.
    #[must_use]
    pub const fn day(date: NaiveDate) -> Self {
        Self { first: date, last: date }
    }

    /// The first date of the window.
    #[must_use]
    pub const fn first(self) -> NaiveDate {
        self.first
    }

    /// The last date of the window.
    #[must_use]
    pub const fn last(self) -> NaiveDate {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_at_most_a_leap_year() {
        let first = "2028-01-01".parse().unwrap();
        assert!(Window::try_new(first, "2028-12-31".parse().unwrap()).is_ok());
        assert_eq!(Window::try_new(first, "2029-01-01".parse().unwrap()), Err(WindowError::TooWide));
        assert!(Window::try_new(first, first).is_ok());
        assert_eq!(Window::try_new(first, "2027-12-31".parse().unwrap()), Err(WindowError::Backwards));
    }

    #[test]
    fn begins_on_the_day_of_the_zone() {
        let late = "2026-06-30T23:30:00Z".parse().unwrap();
        let window = Window::ahead(late, chrono_tz::Europe::Rome, 7);
        assert_eq!(
            (window.first().to_string(), window.last().to_string()),
            ("2026-07-01".into(), "2026-07-07".into())
        );
        assert_eq!(Window::ahead(late, chrono_tz::UTC, 0), Window::day("2026-06-30".parse().unwrap()));
    }
}
