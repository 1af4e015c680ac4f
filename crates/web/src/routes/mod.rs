//! Operations that every API offers.

pub(crate) mod auth;
mod decisions;
mod stream;

pub use auth::api_keys;
use utoipa_actix_web::service_config::ServiceConfig;

/// Adds these operations.
pub fn shared(config: &mut ServiceConfig) {
    config
        .configure(auth::routes)
        .service(decisions::get_decision)
        .service(decisions::list_decisions)
        .service(stream::follow);
}
