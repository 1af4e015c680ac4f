//! The locations of the brand for clients.

mod get_organization;
mod list_organizations;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_organizations::list_organizations).service(get_organization::get_organization);
}
