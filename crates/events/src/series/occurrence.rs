//! One start of a series.

use super::{ClockChange, Window};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

/// The most starts in one answer: one a day of the widest window.
pub const MAX_OCCURRENCES: usize = Window::MAX_DAYS as usize;

/// One start of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Occurrence {
    /// The local date that the rule yields: what names the occurrence within its series.
    pub local_date: NaiveDate,
    /// The instant at which it starts.
    pub starts_at: DateTime<Utc>,
    /// What the clock did to it, on the two days a year on which it does something.
    pub note: Option<ClockChange>,
}
