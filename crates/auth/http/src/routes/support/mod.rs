//! Support access (AUT-17): what operators ask for, and what tenants decide.

mod operator;
mod staff;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn staff_routes(config: &mut ServiceConfig) {
    config
        .service(staff::list_support_grants)
        .service(staff::get_support_grant)
        .service(staff::approve_support_grant)
        .service(staff::deny_support_grant)
        .service(staff::revoke_support_grant);
}

pub(super) fn operator_routes(config: &mut ServiceConfig) {
    config
        .service(operator::request_support_access)
        .service(operator::list_my_support_grants)
        .service(operator::withdraw_support_grant)
        .service(operator::start_support_session);
}
