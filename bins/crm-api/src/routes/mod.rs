//! The operations, one folder a domain.

mod events;
mod series;
mod templates;

use utoipa_actix_web::service_config::ServiceConfig;

/// All operations of this service.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(tryzore_web::routes::shared).configure(tryzore_web::routes::api_keys);
    config.configure(events::routes).configure(templates::routes).configure(series::routes);
}
