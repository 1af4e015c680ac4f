//! Roles, overrides and explanations of permissions.

mod access_review;
mod clear_override;
mod create_role;
mod delete_role;
mod edit_role;
mod explain;
mod get_role;
mod list_overrides;
mod list_permissions;
mod list_roles;
mod permission_usage;
mod review;
mod role_body;
mod set_override;
mod slug;
mod who_can;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_roles::list_roles)
        .service(create_role::create_role)
        .service(get_role::get_role)
        .service(edit_role::edit_role)
        .service(delete_role::delete_role)
        .service(list_permissions::list_permissions)
        .service(explain::explain)
        .service(who_can::who_can)
        .service(permission_usage::permission_usage)
        .service(access_review::access_review)
        .service(list_overrides::list_overrides)
        .service(set_override::set_override)
        .service(clear_override::clear_override);
}
