//! Operations that every API offers.

mod decisions;
mod stream;

pub use stream::Wake;
use utoipa_actix_web::service_config::ServiceConfig;

/// Adds them.
pub fn shared(config: &mut ServiceConfig) {
    config.service(decisions::get_decision).service(decisions::list_decisions).service(stream::follow);
}
