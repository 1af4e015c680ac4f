//! The next access token for a refresh token, which is used up by it (AUT-01).
//!
//! A second use ends the family and the session, is audited, and is told to whoever follows; see
//! [`crate::refresh_token`] for why there is no grace. The refusal is inner, so all of that is
//! committed.

use crate::{
    Claims, Memberships, Origin, RefreshToken, RefreshTokens, Refusal, RevocationReason, Secrets, Session,
    Sessions, Settled, TokenHash, Users,
    domain_event::RefreshReused,
    ending::end_session,
    error::unauthenticated,
    login::Tokens,
    membership,
    refresh_token::{LIKELY_RETRY, Unusable},
    secret::{Minted, TokenKind},
    suspension::turned_away,
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{AuditEntry, Denial, Journal, StoreResult};
use tryzore_rbac::DomainEvent;

/// Uses `presented` up and makes the next tokens.
///
/// # Errors
/// Inner: `auth.refresh.rejected`, `auth.refresh.reused`, `auth.refresh.other_device`,
/// `auth.refresh.expired`, `auth.session.revoked`, `auth.session.expired`,
/// `auth.user.deactivated`, `tenants.suspended`, `auth.session.no_membership`.
pub async fn refresh<T>(
    tx: &mut T,
    presented: &SecretString,
    origin: &Origin,
    secrets: &impl Secrets,
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
    let minted = Minted::try_new(TokenKind::Refresh, "", secrets)?;
    let (used, next) = match token.clone().rotate(&session, &origin.device, minted.hash, now) {
        Ok(pair) => pair,
        Err(why) => return refuse(tx, session, &token, why, origin, now).await.map(Err),
    };
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
        // Kept alive: tenant and membership may come back while the token lives.
        return turned_away(tx, &session).await.map(Err);
    };
    let available = membership::available(&holdings);
    let here = session.organization.filter(|at| available.contains(at));
    let session = Session {
        organization: here.or_else(|| available.first().copied()),
        last_active: now,
        expires_at: next.expires_at,
        ..session
    };
    tx.refresh_token_update(&used).await?;
    tx.refresh_token_insert(&next).await?;
    tx.session_update(&session).await?;
    Ok(Ok(Tokens {
        claims: Claims::new(&user, &session, &available, &holdings, now),
        session,
        refresh_token: minted.text,
        refresh_expires_at: next.expires_at,
    }))
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
                    .remedy("Sign in again.", Some("auth.login")),
            ));
        }
        Unusable::Reused { rotated_at } => Some(rotated_at),
        Unusable::OtherDevice => None,
    };
    let same_device = !session.is_bound_elsewhere(&origin.device)
        && session.origin.device.user_agent == origin.device.user_agent;
    let likely_retry = same_device && rotated_at.is_some_and(|at| now - at <= LIKELY_RETRY);
    let code = if rotated_at.is_some() { "auth.refresh.reused" } else { "auth.refresh.other_device" };
    let denial = Denial::right(code)
        .because("token.used_at", rotated_at)
        .because("token.generation", token.generation)
        .because("device.same", same_device)
        .because("likely_retry", likely_retry)
        .remedy("To be safe this session was ended. Sign in again.", Some("auth.login"));
    let (user, id, tenant) = (session.user, session.id, session.tenant);
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
        .remedy("You no longer belong here. Ask for an invitation, or sign in elsewhere.", Some("auth.login"))
        .into()
}

fn rejected() -> Refusal {
    unauthenticated(Denial::right("auth.refresh.rejected").remedy("Sign in again.", Some("auth.login")))
}

#[cfg(test)]
mod tests;
