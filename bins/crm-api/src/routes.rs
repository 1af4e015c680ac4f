//! The operations of this service: those of the domains, for staff, owners and operators.

use tryzore_events_postgres::overrides::{BookingKind, FeeKind};
use tryzore_rbac_postgres::overriding::{Holders, PermissionKind};
use tryzore_support_http::Registry;
use utoipa_actix_web::service_config::ServiceConfig;

/// What can be overridden by hand (SUP-09): the kinds of the domains.
const OVERRIDES: Registry = Registry::new(&[&BookingKind, &FeeKind, &PermissionKind], &Holders);

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
    config.configure(|config| tryzore_support_http::staff_routes(config, OVERRIDES));
}
