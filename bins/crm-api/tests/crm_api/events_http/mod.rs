//! The schedule and the front desk over HTTP, as staff use them.

mod calendar;
mod cost;
mod day;
mod on_behalf;
mod rooms;
mod schedule;
mod series;
mod steps;
mod templates;
