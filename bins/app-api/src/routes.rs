//! The operations of this service: those of the domains, for clients.

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds all operations of this service.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(tryzore_auth_http::routes).configure(tryzore_web::routes::shared);
    config.configure(tryzore_events_http::client_routes);
    config.configure(tryzore_governance_http::client_routes);
    config.configure(tryzore_crm_http::client_routes).configure(tryzore_tenancy_http::client_routes);
}
