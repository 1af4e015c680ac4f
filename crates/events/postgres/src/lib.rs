//! The implementations of the ports of the events crate, and reads that bypass these ports.
//!
//! - `booking_context`, `calendar`, `roster`, `schedule`, `waitlist`: one port each; `rows`: the rows of the
//!   tables.
//! - [`rooms`], [`series`], [`templates`]: one port each, and the lists of what it stores.
//! - [`guests`]: the clients who get letters.
//! - [`overrides`]: bookings and fees as kinds of manual overrides.
//! - [`views`]: the data of screens, each with the query that reads it.
//! - [`shapes`]: the words of columns, for the contract.
//! - [`scans`]: the work that the worker looks for over all tenants.

mod booking_context;
mod calendar;
pub mod guests;
pub mod overrides;
pub mod rooms;
mod roster;
mod rows;
pub mod scans;
mod schedule;
pub mod series;
pub mod shapes;
pub mod templates;
pub mod views;
mod waitlist;

tryzore_postgres::store! {
    /// The schedule, bookings and waitlists, on a transaction.
    pub struct EventStore;
    /// Gives a transaction the ports of the events crate.
    pub trait Events { fn events }
}
