//! Who signs out here is signed out at the identity provider, too: else its page would let the next
//! person at the same browser in.
//!
//! Several sessions of ours may follow one of the provider's. It ends with the last of them, because
//! with it all would end. What the provider has ended by itself, and passwords of our own, leave
//! nothing to do.

use crate::Services;
use serde::{Deserialize, Serialize};
use tryzore_auth::{IdentityError, IdentityProvider, RevocationReason, Sessions};
use tryzore_kernel::Problem;
use tryzore_postgres::{
    AuthTx,
    runtime::{Failure, Job, Message, NewJob, program::Outcome},
};

/// The kind of jobs that end a session at the identity provider.
pub const END: &str = "auth.provider_session_end";

#[derive(Deserialize)]
struct Payload {
    reason: RevocationReason,
    provider_session: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct JobPayload {
    provider_session: String,
}

/// Has the provider's session ended that the session of `message` followed, if it did.
///
/// # Errors
/// When the event is of another shape.
pub async fn enqueue(message: &Message, tx: &mut AuthTx) -> Outcome {
    let payload: Payload = message.payload()?;
    if let (Some(provider_session), false) =
        (payload.provider_session, payload.reason == RevocationReason::Provider)
    {
        tx.job_enqueue(NewJob::new(END, &JobPayload { provider_session }));
    }
    Ok(())
}

/// Ends the session of `job` at the provider, unless a live one of ours follows it. Ending what has
/// ended is no error.
///
/// # Errors
/// When the provider cannot be asked, or refuses.
pub async fn end(services: Services, job: Job) -> Outcome {
    let JobPayload { provider_session } = job.payload()?;
    let follower = services
        .db
        .auth_tx(async |tx| Ok::<_, Problem>(tx.session_lock_by_provider(&provider_session).await?))
        .await?;
    if follower.is_some_and(|session| session.check_live(services.now()).is_ok()) {
        return Ok(());
    }
    let ended = services.identity.provider_session_end(&provider_session).await;
    ended.map_err(|error: IdentityError| Failure::temporary(error.to_string()))
}
