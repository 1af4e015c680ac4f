//! Exchanges a refresh token, which is used up, for the next access token (AUT-01).
//!
//! A second use ends the family and the session, is audited and publishes an event, unless it repeats a
//! request whose answer was lost; see [`crate::refresh_token`] for the rule. The refusal is the inner result,
//! so all of that is committed.

use crate::{
    AuthEvent, AuthEventKind, Claims, Memberships, Origin, RefreshToken, RefreshTokens, Refusal,
    RevocationReason, Session, Sessions, Settled, Signal, Successors, TokenHash, Users,
    domain_event::RefreshReused,
    ending::end_session,
    error::unauthenticated,
    login::Tokens,
    membership,
    refresh_token::Unusable,
    secret::{Minted, TokenKind},
    suspension::turned_away,
    trust,
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use tryzore_kernel::{AuditEntry, Denial, Journal, StoreResult};
use tryzore_rbac::DomainEvent;
use uuid::Uuid;

/// Uses `presented` up and creates the next tokens. A retry gets the tokens of the first use again.
///
/// # Errors
/// Inner: `auth.refresh.rejected`, `auth.refresh.reused`, `auth.refresh.other_device`,
/// `auth.refresh.expired`, `auth.refresh.device_not_trusted`, `auth.session.revoked`, `auth.session.expired`,
/// `auth.user.deactivated`, `tenants.suspended`, `auth.session.no_membership`.
pub async fn refresh<T>(
    tx: &mut T,
    presented: &SecretString,
    origin: &Origin,
    successors: &impl Successors,
    now: DateTime<Utc>,
) -> Settled<Tokens>
where
    T: Users + Sessions + RefreshTokens + Memberships + Journal,
{
    let Some((session, token)) = tx.refresh_family_lock(&TokenHash::of(presented)).await? else {
        return Ok(Err(rejected()));
    };
    if let Err(refusal) = session.check_live(now) {
        return Ok(Err(refusal));
    }
    let minted = minted(successors.successor_derive(presented));
    let (used, next, text) = match token.clone().rotate(&session, &origin.device, minted.hash, now) {
        Ok((used, next)) => (Some(used), next, minted.text),
        Err(Unusable::Reused { rotated_at })
            if RefreshToken::is_retry(&session, &origin.device, rotated_at, now) =>
        {
            match find_successor(tx, &token, presented, successors).await? {
                Some((next, text)) => {
                    tx.audit_append(retried(&session, &token));
                    (None, next, text)
                }
                None => {
                    let why = Unusable::Reused { rotated_at };
                    return refuse(tx, session, &token, why, origin, now).await.map(Err);
                }
            }
        }
        Err(why) => return refuse(tx, session, &token, why, origin, now).await.map(Err),
    };
    let settings = tx.security_settings_find(session.user).await?;
    if let Err(refusal) = settings.check_age(&session, now) {
        return Ok(Err(refusal));
    }
    if settings.require_trusted_device && !trust::is_trusted(tx, &session).await? {
        return Ok(Err(device_not_trusted()));
    }
    let next = RefreshToken { expires_at: next.expires_at.min(settings.ends_at(&session)), ..next };
    let open = tx.user_find(session.user).await?.map(|user| user.check_open().map(|()| user));
    let user = match open {
        Some(Ok(user)) => user,
        Some(Err(denial)) => {
            end_session(tx, session, RevocationReason::Deactivated, now).await?;
            return Ok(Err(denial.into()));
        }
        None => return Ok(Err(rejected())),
    };
    let Some(holdings) = tx.holdings_find(user.id, session.tenant).await? else {
        // The session stays alive: tenant and membership may come back before the token expires.
        return turned_away(tx, &session).await.map(Err);
    };
    let available = membership::available(&holdings);
    let here = session.organization.filter(|at| available.contains(at));
    let session = Session {
        organization: here.or_else(|| available.first().copied()),
        last_active: next.issued_at,
        expires_at: next.expires_at,
        ..session
    };
    if let Some(used) = used {
        tx.refresh_token_update(&used).await?;
        tx.refresh_token_insert(&next).await?;
        tx.session_update(&session).await?;
    }
    let claims = Claims::new(&user, &session, &available, &holdings, next.issued_at);
    Ok(Ok(Tokens {
        claims: Claims { jti: access_token_id(&next), ..claims },
        session,
        refresh_token: text,
        refresh_expires_at: next.expires_at,
    }))
}

/// The entry of the audit trail for a repeated refresh: a thief with the same token would look the same.
fn retried(session: &Session, token: &RefreshToken) -> AuditEntry {
    AuditEntry {
        action: "auth.refresh.retried",
        target: session.id.uuid(),
        subject: Some(session.user),
        organizations: session.organization.into_iter().collect(),
        details: serde_json::json!({ "generation": token.generation }),
    }
}

/// The unused successor of `used`, and its text.
async fn find_successor<T: RefreshTokens>(
    tx: &mut T,
    used: &RefreshToken,
    presented: &SecretString,
    successors: &impl Successors,
) -> StoreResult<Option<(RefreshToken, SecretString)>> {
    let live = tx.refresh_family_live(used.session).await?;
    let Some(next) = live.filter(|live| live.is_unused_successor_of(used)) else { return Ok(None) };
    let current = std::iter::once(successors.successor_derive(presented));
    let mut derived = current.chain(successors.successor_derive_former(presented)).map(minted);
    let found = derived.find(|minted| minted.hash == next.hash);
    Ok(found.map(|minted| (next, minted.text)))
}

fn minted(bits: [u8; 32]) -> Minted {
    Minted::of(TokenKind::Refresh, "", bits)
}

// The same for each answer with the same refresh token, so that a retry gets the same access token, too.
fn access_token_id(next: &RefreshToken) -> Uuid {
    let digest = Sha256::new().chain_update("access token ").chain_update(next.hash.as_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, digest)| *byte = digest);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

async fn refuse<T: Sessions + RefreshTokens + Journal>(
    tx: &mut T,
    session: Session,
    token: &RefreshToken,
    why: Unusable,
    origin: &Origin,
    now: DateTime<Utc>,
) -> StoreResult<Refusal> {
    let rotated_at = match why {
        Unusable::Revoked => return Ok(rejected()),
        Unusable::Expired => {
            return Ok(unauthenticated(
                Denial::right("auth.refresh.expired")
                    .because("token.expires_at", token.expires_at)
                    .remedy("Sign in again.", Some("sign_in")),
            ));
        }
        Unusable::Reused { rotated_at } => Some(rotated_at),
        Unusable::OtherDevice => None,
    };
    let same_device = session.is_on_device(&origin.device);
    let is_retry = |rotated_at| RefreshToken::is_retry(&session, &origin.device, rotated_at, now);
    let likely_retry = rotated_at.is_some_and(is_retry);
    let code = if rotated_at.is_some() { "auth.refresh.reused" } else { "auth.refresh.other_device" };
    let denial = Denial::right(code)
        .because("token.used_at", rotated_at)
        .because("token.generation", token.generation)
        .because("device.same", same_device)
        .because("likely_retry", likely_retry)
        .remedy("For safety, this session was ended. Sign in again.", Some("sign_in"));
    let (user, id, tenant) = (session.user, session.id, session.tenant);
    let signal = if likely_retry { Signal::LikelyRetry } else { Signal::TokenReuse };
    let reused = AuthEvent::new(AuthEventKind::RefreshReused, user, now).in_session(id);
    tx.auth_event_append(reused.with_signals(vec![signal])).await?;
    tx.audit_append(AuditEntry {
        action: code,
        target: id.uuid(),
        subject: Some(user),
        organizations: session.organization.into_iter().collect(),
        details: serde_json::json!({
            "user": user, "generation": token.generation, "used_at": rotated_at,
            "same_device": same_device, "likely_retry": likely_retry, "ip": origin.ip,
        }),
    });
    tx.event_publish(RefreshReused { user, session: id, tenant, likely_retry }.published(now));
    end_session(tx, session, RevocationReason::TokenReuse, now).await?;
    Ok(unauthenticated(denial))
}

pub(crate) fn no_membership(session: &Session) -> Refusal {
    Denial::right("auth.session.no_membership")
        .because("tenant", session.tenant)
        .remedy(
            "You no longer belong to this business. Ask for an invitation, or sign in to another one.",
            Some("sign_in"),
        )
        .into()
}

fn device_not_trusted() -> Refusal {
    unauthenticated(
        Denial::right("auth.refresh.device_not_trusted").because("device.is_trusted", false).remedy(
            "Trust this device on one that you trust already, or sign in again. If you have no trusted device \
             left, choose a new password by mail, which turns this requirement off.",
            Some("request_password_reset"),
        ),
    )
}

fn rejected() -> Refusal {
    unauthenticated(Denial::right("auth.refresh.rejected").remedy("Sign in again.", Some("sign_in")))
}

#[cfg(test)]
mod tests;
