//! The operations of locations, staff and onboarding, for any actix application.
//!
//! - [`staff_routes`]: locations, their settings, staff and invitations, and the onboarding of owners.
//! - [`client_routes`]: what clients see of locations.
//! - [`operator_routes`]: what operators of the platform see of tenants and do with them.

mod client;
mod operator;
mod staff;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations of staff and owners.
pub fn staff_routes(config: &mut ServiceConfig) {
    config.configure(staff::organizations::routes).configure(staff::employees::routes);
    config.configure(staff::onboarding::routes);
}

/// Adds the operations of clients.
pub fn client_routes(config: &mut ServiceConfig) {
    config.configure(client::routes);
}

/// Adds the operations of the platform's operators.
pub fn operator_routes(config: &mut ServiceConfig) {
    config.configure(operator::routes);
}
