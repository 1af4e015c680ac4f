//! The CRM's backend: what employees, owners and operators see and do.
//!
//! [`routes`] composes the operations of the domains; nothing else is here.

pub mod routes;

use tryzore_web::Program;

/// The service as a program.
pub const PROGRAM: Program = Program {
    name: "crm-api",
    title: TITLE,
    description: DESCRIPTION,
    routes: routes::routes,
    authenticate: tryzore_auth_http::authenticate,
};

/// What the contract says about this service.
pub const TITLE: &str = "TryZore CRM API";
/// What it is for.
pub const DESCRIPTION: &str =
    "What employees and owners see and do: locations, staff and roles, clients, the schedule, rosters.";
