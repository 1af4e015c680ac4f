//! After a sign-out the session at the identity provider ends too: otherwise its page would let the next
//! person at the same browser in.
//!
//! Several of our sessions may belong to one session of the provider. It ends with the last of them, because
//! its end would end all of them. Sessions that the provider has ended itself, and sign-ins with passwords of
//! our own, need nothing.

use crate::Services;
use serde::{Deserialize, Serialize};
use tryzore_auth::{
    IdentityError, IdentityProvider, RevocationReason, Sessions, domain_event::SessionRevoked,
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Problem;
use tryzore_postgres::{
    AuthTx,
    runtime::{Enqueue, Failure, Job, NewJob, program::Outcome},
};

/// The kind of jobs that end a session at the identity provider.
pub const END: &str = "auth.provider_session_end";

#[derive(Serialize, Deserialize)]
struct JobPayload {
    provider_session: String,
}

/// Enqueues the end of the provider's session to which the session that was `revoked` belongs, if any.
pub fn enqueue(tx: &mut AuthTx, revoked: SessionRevoked) {
    if let (Some(provider_session), false) =
        (revoked.provider_session, revoked.reason == RevocationReason::Provider)
    {
        tx.job_enqueue(NewJob::new(END, &JobPayload { provider_session }));
    }
}

/// Ends the session of `job` at the provider, unless an active one of our sessions belongs to it. A session
/// that has ended already is no error.
///
/// # Errors
/// When the provider cannot be reached, or refuses.
pub async fn end(services: Services, job: Job) -> Outcome {
    let JobPayload { provider_session } = job.payload()?;
    let follower = services
        .db
        .auth_tx(async |tx| Ok::<_, Problem>(tx.auth().session_lock_by_provider(&provider_session).await?))
        .await?;
    if follower.is_some_and(|session| session.check_live(services.now()).is_ok()) {
        return Ok(());
    }
    let ended = services.identity.provider_session_end(&provider_session).await;
    ended.map_err(|error: IdentityError| Failure::temporary(error.to_string()))
}
