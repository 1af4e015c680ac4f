//! The CRM's backend: what employees, owners and operators see and do.
//!
//! [`routes`] has one folder a domain and one file an operation; everything else is the web crate's.

pub mod routes;

/// What the contract says about this service.
pub const TITLE: &str = "TryZore CRM API";
/// What it is for.
pub const DESCRIPTION: &str =
    "What employees and owners see and do: locations, staff and roles, clients, the schedule, rosters.";
