//! Ending a session from another one, for example after a phone was lost or a shared computer was used.

use crate::{
    RefreshTokens, Refusal, RevocationReason, Sessions, Settled,
    ending::{end_all_sessions, end_session, person},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Journal, SessionId};
use tryzore_rbac::{Permit, catalogue::OwnSecurity};

/// Ends a session of the signed-in user. Ending an ended session is not an error.
///
/// # Errors
/// Inner: `auth.person_required`; not found, also for a session of another user.
pub async fn revoke_session<T: Sessions + RefreshTokens + Journal>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    session: SessionId,
    now: DateTime<Utc>,
) -> Settled<()> {
    let (user, _) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(session) = tx.session_lock(session).await?.filter(|session| session.user == user) else {
        return Ok(Err(Refusal::NotFound("session")));
    };
    if session.revoked.is_none() {
        end_session(tx, session, RevocationReason::EndedElsewhere, now).await?;
    }
    Ok(Ok(()))
}

/// Ends all sessions of the signed-in user, the current one only if `include_current`; returns how many.
///
/// # Errors
/// Inner: `auth.person_required`.
pub async fn revoke_other_sessions<T: Sessions + RefreshTokens + Journal>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    include_current: bool,
    now: DateTime<Utc>,
) -> Settled<usize> {
    let (user, current) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let keep = (!include_current).then_some(current);
    end_all_sessions(tx, user, keep, RevocationReason::EndedElsewhere, now).await.map(Ok)
}
