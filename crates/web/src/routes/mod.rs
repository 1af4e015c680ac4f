//! Operations that every API offers.

mod decisions;
mod stream;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds these operations.
pub fn shared(config: &mut ServiceConfig) {
    config.service(decisions::get_decision).service(decisions::list_decisions).service(stream::follow);
}
