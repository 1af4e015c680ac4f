//! What operators of the platform see of each other and change about each other.

mod appoint;
mod change_role;
mod clear_override;
mod dismiss;
mod get_operator;
mod list_operators;
mod list_platform_permissions;
mod list_platform_roles;
mod saved;
mod set_override;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_platform_permissions::list_platform_permissions)
        .service(list_platform_roles::list_platform_roles)
        .service(list_operators::list_operators)
        .service(appoint::appoint)
        .service(get_operator::get_operator)
        .service(change_role::change_role)
        .service(set_override::set_override)
        .service(clear_override::clear_override)
        .service(dismiss::dismiss);
}
