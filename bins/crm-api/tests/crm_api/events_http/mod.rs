//! The schedule and the front desk over HTTP, as staff use them.

mod day;
mod schedule;
mod series;
mod templates;
