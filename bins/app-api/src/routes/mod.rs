//! The operations, with one folder per domain.

mod events;
mod me;
mod organizations;

use utoipa_actix_web::service_config::ServiceConfig;

/// All operations of this service.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(tryzore_web::routes::shared).configure(events::routes);
    config.configure(me::routes).configure(organizations::routes);
}
