//! The schedule and the front desk over HTTP, as staff use them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod caller;
mod day;
mod schedule;
mod series;
mod templates;
