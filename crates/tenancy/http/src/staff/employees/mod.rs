//! Employees, their roles and invitations.

mod accept;
mod assign;
mod dismiss;
mod get_employee;
mod invite;
mod list_invitations;
mod list_staff;
mod resend;
mod revoke;
mod unassign;

use actix_web::{HttpRequest, web::Data};
use std::net::IpAddr;
use tryzore_web::limit::Limits;
use utoipa_actix_web::service_config::ServiceConfig;

// Invitations are registered first, because `/staff/{user_id}` would read them as users.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_staff::list_staff)
        .service(invite::invite)
        .service(list_invitations::list_invitations)
        .service(accept::accept)
        .service(resend::resend)
        .service(revoke::revoke)
        .service(get_employee::get_employee)
        .service(assign::assign)
        .service(unassign::unassign)
        .service(dismiss::dismiss);
}

/// The IP address of the sender of `request`, to limit the mails that it sends.
fn address(request: &HttpRequest) -> Option<IpAddr> {
    request.app_data::<Data<Limits>>().and_then(|limits| limits.address(request))
}
