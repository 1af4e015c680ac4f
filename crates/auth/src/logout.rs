//! Signing out: the session and its refresh tokens end. The worker, which subscribes to
//! `auth.session_revoked`, ends the session at the provider, so that signing out does not wait for the
//! provider.

use crate::{
    RefreshTokens, Revocation, RevocationReason, Sessions, Settled, domain_event::SessionRevoked,
    ending::end_session,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::Journal;
use tryzore_rbac::{Actor, DomainEvent, Permit, catalogue::OwnProfile, grants::person_required};

/// Ends the session of the request, also an acting session. Signing out twice is not an error.
///
/// # Errors
/// Inner: `auth.person_required`.
pub async fn logout<T: Sessions + RefreshTokens + Journal>(
    permit: &Permit<OwnProfile>,
    tx: &mut T,
    now: DateTime<Utc>,
) -> Settled<()> {
    let Some(session) = permit.actor().session() else {
        return Ok(Err(person_required(permit.actor()).into()));
    };
    if let Some(session) = tx.session_lock(session).await?
        && session.revoked.is_none()
    {
        end_session(tx, session, RevocationReason::SignedOut, now).await?;
    }
    // Who leaves their own session leaves the views of others as well.
    if let Actor::User { user, .. } = permit.actor() {
        let revocation = Revocation { at: now, reason: RevocationReason::SignedOut };
        for ended in tx.session_revoke_acting(user, revocation).await? {
            tx.event_publish(SessionRevoked::of(&ended, revocation.reason).published(now));
        }
    }
    Ok(Ok(()))
}
