//! What operators of the platform see of tenants and do with them.

mod delete_tenant;
mod get_tenant;
mod list_tenants;
mod reactivate_tenant;
mod status;
mod suspend_tenant;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_tenants::list_tenants)
        .service(get_tenant::get_tenant)
        .service(suspend_tenant::suspend_tenant)
        .service(reactivate_tenant::reactivate_tenant)
        .service(delete_tenant::delete_tenant);
}
