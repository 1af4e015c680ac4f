//! The mobile app's backend: what clients see and do.
//!
//! [`routes`] has one file an operation; everything else is the web crate's.

pub mod routes;

/// What the contract says about this service.
pub const TITLE: &str = "TryZore app API";
/// What it is for.
pub const DESCRIPTION: &str = "What clients see and do: the schedule, bookings, waitlists, their own data.";
