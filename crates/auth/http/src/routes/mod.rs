//! Signing in (AUT-03): the same operations in every API.
//!
//! Tokens are secrets. Answers that contain one have `Cache-Control: no-store` (RFC 6749, section 5.1) and
//! are never stored as the first answer to an `Idempotency-Key`: a repeated POST is executed again.
//!
//! **Invariant:** before a sign-in succeeds, no answer reveals, by status, body or work, whether an address
//! is known.

mod api_keys;
mod factor_policy;
mod factors;
mod finish_sign_in;
mod forgot_password;
mod form;
mod impersonate;
mod keys;
mod login;
mod logout;
mod me;
mod organizations;
mod password;
mod refresh;
mod register;
mod sessions;
mod shapes;
mod signed_in;
mod support;
mod switch_organization;
mod workos;

pub(crate) use keys::{well_known_issuer, well_known_keys};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(login::login)
        .service(finish_sign_in::finish_sign_in)
        .service(refresh::refresh)
        .service(logout::logout)
        .service(register::register)
        .service(password::verify_email)
        .service(password::reset_password)
        .service(forgot_password::forgot_password)
        .service(switch_organization::switch_organization)
        .service(organizations::list_organizations)
        .service(me::get_me)
        .service(sessions::list_sessions)
        .service(sessions::revoke_other_sessions)
        .service(sessions::revoke_session)
        .service(factors::list_factors)
        .service(factors::enroll_totp)
        .service(factors::verify_factor)
        .service(factors::regenerate_recovery_codes)
        .service(factors::confirm_factor)
        .service(factors::rename_factor)
        .service(factors::remove_factor)
        .service(keys::get_keys)
        .service(workos::start)
        .service(workos::finish);
}

/// The operations of operators who ask for support access (AUT-17).
pub(crate) fn operator_routes(config: &mut ServiceConfig) {
    config.configure(support::operator_routes);
}

/// The operations of API keys (AUT-06), support access (AUT-17), impersonations (AUT-16) and of the factor
/// policy, for the API of employees.
pub(crate) fn staff(config: &mut ServiceConfig) {
    config.service(impersonate::start).configure(support::staff_routes);
    config.service(api_keys::issue).service(api_keys::list).service(api_keys::revoke);
    config.service(factor_policy::get_factor_policy).service(factor_policy::set_factor_policy);
}
