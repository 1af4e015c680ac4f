//! The operations of roles, overrides and permissions, for any actix application.
//!
//! - [`staff_routes`]: roles and overrides of a tenant.
//! - [`operator_routes`]: the operators of the platform.

mod operator;
mod staff;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations of staff.
pub fn staff_routes(config: &mut ServiceConfig) {
    config.configure(staff::routes);
}

/// Adds the operations of the platform's operators.
pub fn operator_routes(config: &mut ServiceConfig) {
    config.configure(operator::routes);
}
