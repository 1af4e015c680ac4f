//! Locations, their settings and opening hours.

mod clone_settings;
mod close_organization;
mod create_organization;
mod edit_hours;
mod edit_organization;
mod edit_settings;
mod get_analytics;
mod get_organization;
mod get_settings;
mod list_organizations;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_organizations::list_organizations)
        .service(create_organization::create_organization)
        .service(get_organization::get_organization)
        .service(edit_organization::edit_organization)
        .service(close_organization::close_organization)
        .service(get_analytics::get_analytics)
        .service(get_settings::get_settings)
        .service(edit_settings::edit_settings)
        .service(edit_hours::edit_hours)
        .service(clone_settings::clone_settings);
}
