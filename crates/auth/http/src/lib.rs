//! Sign-in, sessions and API keys, for any actix application.
//!
//! - [`routes`]: the operations that every API offers to those who sign in; [`staff_routes`]: API keys, and
//!   what the tenant requires of second factors.
//! - [`authenticate`]: verifies the callers of a service by their sessions and keys, for
//!   [`Program::authenticate`](tryzore_web::Program::authenticate).
//! - [`session_authenticator`], [`sign_in`], [`signing`]: sessions, the identity provider, the keys.

#[path = "routes/mod.rs"]
mod operations;
pub mod session_authenticator;
pub mod sign_in;
pub mod signing;

pub use session_authenticator::{SessionAuthenticator, authenticate};
pub use sign_in::SignIn;
use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations for signing in and out, and for one's own sessions.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(operations::routes);
}

/// Adds the operations of operators who ask tenants for support access.
pub fn operator_routes(config: &mut ServiceConfig) {
    config.configure(operations::operator_routes);
}

/// Adds the operations of API keys, impersonations, support access and the factor policy, for the API of
/// employees.
pub fn staff_routes(config: &mut ServiceConfig) {
    config.configure(operations::staff);
}
