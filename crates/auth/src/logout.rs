//! Signing out: the session and its family end. The provider's session is ended by the worker, which
//! follows `auth.session_revoked`, so that nobody waits for a provider to leave.

use crate::{
    RefreshTokens, RevocationReason, Sessions, Settled,
    ending::{end_session, person},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::Journal;
use tryzore_rbac::{Permit, catalogue::OwnProfile};

/// Ends the session that calls. Signing out twice is no error.
///
/// # Errors
/// Inner: `auth.person_required`.
pub async fn logout<T: Sessions + RefreshTokens + Journal>(
    permit: &Permit<OwnProfile>,
    tx: &mut T,
    now: DateTime<Utc>,
) -> Settled<()> {
    let (_, session) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(session) = tx.session_lock(session).await?
        && session.revoked.is_none()
    {
        end_session(tx, session, RevocationReason::SignedOut, now).await?;
    }
    Ok(Ok(()))
}
