//! The mobile app's backend: what clients see and do.
//!
//! [`routes`] composes the operations of the domains; nothing else is here.

pub mod routes;

use tryzore_web::Program;

/// The service as a program.
pub const PROGRAM: Program = Program {
    name: "app-api",
    title: TITLE,
    description: DESCRIPTION,
    routes: routes::routes,
    authenticate: tryzore_auth_http::authenticate,
};

/// What the contract says about this service.
pub const TITLE: &str = "TryZore app API";
/// What it is for.
pub const DESCRIPTION: &str = "What clients see and do: the schedule, bookings, waitlists, their own data.";
