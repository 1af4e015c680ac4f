//! The operations of this service: those of the domains, for staff, owners and operators.

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds all operations of this service.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(tryzore_auth_http::routes).configure(tryzore_web::routes::shared);
    config.configure(tryzore_auth_http::staff_routes);
    config.configure(tryzore_events_http::staff_routes);
    // The reports below `/staff` come first, because `/staff/{user_id}` would read their names as users.
    config.configure(tryzore_rbac_http::staff_routes).configure(tryzore_tenancy_http::staff_routes);
    config.configure(tryzore_crm_http::staff_routes).configure(tryzore_platform_http::operator_routes);
    config.configure(tryzore_tenancy_http::operator_routes).configure(tryzore_rbac_http::operator_routes);
    config.configure(tryzore_auth_http::operator_routes);
    config.configure(tryzore_governance_http::staff_routes);
    config.configure(tryzore_governance_http::client_routes);
}
