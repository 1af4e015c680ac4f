//! The schedule and the front desk over HTTP, as staff use them.

mod calendar;
mod cost;
mod day;
mod schedule;
mod series;
mod steps;
mod templates;
