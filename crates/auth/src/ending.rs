//! Ending sessions, always together with their refresh tokens and with an event.

use crate::{
    AuthEvent, AuthEventKind, AuthEvents, RefreshTokens, Refusal, Revocation, RevocationReason, Session,
    Sessions, SupportGrants, domain_event::SessionRevoked, support_access::SupportGrant,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Journal, SessionId, StoreResult, UserId};
use tryzore_rbac::{Actor, DomainEvent, Permit, grants::person_required};

/// Ends `session`, whose row is locked.
pub(crate) async fn end_session<T: Sessions + RefreshTokens + Journal>(
    tx: &mut T,
    session: Session,
    reason: RevocationReason,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let session = session.revoke(reason, now);
    tx.session_update(&session).await?;
    tx.refresh_family_revoke(&[session.id], now).await?;
    record(tx, &session, now).await?;
    tx.event_publish(SessionRevoked::of(&session, reason).published(now));
    Ok(())
}

/// Ends all sessions of `user` except `keep`; returns how many.
pub(crate) async fn end_all_sessions<T: Sessions + RefreshTokens + Journal>(
    tx: &mut T,
    user: UserId,
    keep: Option<SessionId>,
    reason: RevocationReason,
    now: DateTime<Utc>,
) -> StoreResult<usize> {
    let ended = tx.session_revoke_all(user, keep, Revocation { at: now, reason }).await?;
    finish(tx, ended, reason, now).await
}

/// Records and publishes that `ended`, which were just revoked, have ended; returns how many.
pub(crate) async fn finish<T: Sessions + RefreshTokens + Journal>(
    tx: &mut T,
    ended: Vec<Session>,
    reason: RevocationReason,
    now: DateTime<Utc>,
) -> StoreResult<usize> {
    let ids: Vec<SessionId> = ended.iter().map(|session| session.id).collect();
    if !ids.is_empty() {
        tx.refresh_family_revoke(&ids, now).await?;
    }
    for session in &ended {
        record(tx, session, now).await?;
        tx.event_publish(SessionRevoked::of(session, reason).published(now));
    }
    Ok(ended.len())
}

async fn record<T: AuthEvents>(tx: &mut T, session: &Session, now: DateTime<Utc>) -> StoreResult<()> {
    let ended = AuthEvent::new(AuthEventKind::SessionRevoked, session.user, now).in_session(session.id);
    tx.auth_event_append(ended).await
}

/// Ends the live sessions under the support access `grant`, whose row is locked.
pub(crate) async fn end_support_sessions<T: SupportGrants + Journal>(
    tx: &mut T,
    grant: &SupportGrant,
    reason: RevocationReason,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let (user, tenant) = (grant.requested_by, grant.tenant);
    for session in tx.support_sessions_revoke(grant.id, Revocation { at: now, reason }).await? {
        let ended = SessionRevoked { user, session, tenant, reason, provider_session: None };
        tx.event_publish(ended.published(now));
    }
    Ok(())
}

/// The signed-in person and their session. API keys and parts of the product have neither, and an acting session
/// is not a sign-in of its own.
pub(crate) fn person<P>(permit: &Permit<P>) -> Result<(UserId, SessionId), Refusal> {
    match permit.actor() {
        Actor::User { user, session } => Ok((user, session)),
        actor @ (Actor::Acting { .. } | Actor::ApiKey { .. } | Actor::System { .. }) => {
            Err(person_required(actor).into())
        }
    }
}
