//! The ports of the events crate, and what is read past it.
//!
//! - `calendar`, `desk`, `line`, `roster`, `schedule`, `series`, `templates`: one port each; `rows`: how things
//!   lie in their tables.
//! - [`views`]: what screens show, beside the query that reads it.
//! - [`scans`]: what the worker looks for over all tenants.

mod calendar;
mod desk;
mod line;
mod roster;
mod rows;
pub mod scans;
mod schedule;
mod series;
mod templates;
pub mod views;
