//! The operations of roles, overrides and permissions, for any actix application.

mod staff;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations of staff.
pub fn staff_routes(config: &mut ServiceConfig) {
    config.configure(staff::routes);
}
