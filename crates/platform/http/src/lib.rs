//! The operations of the platform's operators, for any actix application.

mod operator;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations of operators.
pub fn operator_routes(config: &mut ServiceConfig) {
    config.configure(operator::routes);
}
