//! The ports of the events crate on real Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod booking;
mod calendar;
mod closing;
mod day;
mod scans;
mod schedule;
mod views;
mod waitlist;
