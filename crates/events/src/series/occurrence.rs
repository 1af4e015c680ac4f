//! One start of a series.

use super::{ClockChange, Window};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

/// The highest number of starts in one answer: one for each day of the widest window.
pub const MAX_OCCURRENCES: usize = Window::MAX_DAYS as usize;

/// One start of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Occurrence {
    /// The local date that the rule yields, which identifies the occurrence within its series.
    pub local_date: NaiveDate,
    /// The instant at which the occurrence starts.
    pub starts_at: DateTime<Utc>,
    /// How the start was chosen, on the two days a year on which the clock changes.
    pub note: Option<ClockChange>,
}
