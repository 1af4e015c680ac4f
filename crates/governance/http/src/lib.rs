//! The operations of the audit trail and of the log of acting sessions, for any actix application.

mod client;
mod staff;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations of staff.
pub fn staff_routes(config: &mut ServiceConfig) {
    config.configure(staff::routes);
}

/// Adds the operations of everyone who signs in.
pub fn client_routes(config: &mut ServiceConfig) {
    config.configure(client::routes);
}
