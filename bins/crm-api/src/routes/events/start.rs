//! When an event starts, as people write it.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use tryzore_events::Start;

/// `2026-03-30T18:30:00` by the clock on the location's wall, or an instant with its offset.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a local time such as 2026-03-30T18:30:00, or one with its offset such as 2026-03-30T18:30:00+02:00; in a year from 1900 to 2200"
)]
pub(super) enum StartText {
    At(#[serde(deserialize_with = "tryzore_kernel::time::in_range")] DateTime<Utc>),
    Local(#[serde(deserialize_with = "tryzore_kernel::time::in_range")] NaiveDateTime),
}

impl From<StartText> for Start {
    fn from(text: StartText) -> Self {
        match text {
            StartText::At(at) => Self::At(at),
            StartText::Local(at) => Self::Local { at, zone: None },
        }
    }
}
