//! The operations, with one folder per domain.

mod audit;
mod clients;
mod events;
mod imports;
mod offer;
mod onboarding;
mod organizations;
mod platform;
mod roles;
mod series;
mod shapes;
mod staff;
mod templates;

use utoipa_actix_web::service_config::ServiceConfig;

/// All operations of this service.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(tryzore_web::routes::shared).configure(tryzore_web::routes::api_keys);
    config.configure(events::routes).configure(templates::routes).configure(series::routes);
    config.configure(organizations::routes).configure(roles::routes).configure(staff::routes);
    config.configure(imports::routes).configure(clients::routes).configure(platform::routes);
    config.configure(onboarding::routes).configure(audit::routes);
}
