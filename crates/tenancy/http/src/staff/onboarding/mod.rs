//! Opening a new tenant (ONB-03), in steps that can be interrupted and resumed.
//!
//! Nobody needs to be signed in here: the token of the session is the credential. It is in the path, so
//! these answers must not be cached (`no-store`). All requests count against the IP address of the caller,
//! and those that send a mail also against the mailbox.
//!
//! **Invariant:** until a mailbox is proven, no answer reveals, by status, body or work, whether its address
//! is known. The first step creates no user: the worker does, when it sends the mail.

mod abandon;
mod account_setup;
mod caller;
mod complete;
mod get_session;
mod recovery_options;
mod start;
mod step;
mod take_step;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(start::start)
        .service(recovery_options::get_recovery_options)
        .service(get_session::get_session)
        .service(take_step::take_step)
        .service(complete::complete)
        .service(abandon::abandon);
}
