//! Opening a tenant of one's own (ONB-03), in steps that can be left and taken up again.
//!
//! Nobody is signed in here: the session's token is the credential, and who holds it goes on. It is
//! in the path, so these answers are kept by no cache (`no-store`). All are counted against the
//! caller's address, and those that have a mail sent against the mailbox too.
//!
//! **Invariant:** until a mailbox is proven no answer, in status, body or work, tells whether its
//! address is known. The first step makes no user: the worker does, when it writes the mail.

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
