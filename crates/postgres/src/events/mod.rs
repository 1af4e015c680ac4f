//! The ports of the events crate, and what is read past it.
//!
//! - `calendar`, `context`, `line`, `roster`, `schedule`, `series`, `templates`: one port each; `rows`: how things
//!   lie in their tables.
//! - [`views`]: what screens show, beside the query that reads it.
//! - [`scans`]: what the worker looks for over all tenants.

mod booking_context;
mod calendar;
mod roster;
mod rows;
pub mod scans;
mod schedule;
mod series;
mod templates;
pub mod views;
mod waitlist;
