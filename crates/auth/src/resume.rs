//! From a verified access token to the grants of its session: the first step of every request.
//!
//! The token only names the session; whether the session is live and at which location is read from the
//! database. The result is immutable and can be cached for as long as a revocation may take to have effect.

use crate::{
    Claims, FactorRules, Memberships, Refusal, Sessions, Settled, Users, acting, error::unauthenticated,
    suspension::turned_away,
};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tryzore_kernel::Denial;
use tryzore_rbac::Grants;

/// The grants of a session.
#[derive(Debug, Clone)]
pub struct Resumed {
    /// What the session may do.
    pub grants: Arc<Grants>,
    /// When the session expires unless it is renewed.
    pub expires_at: DateTime<Utc>,
}

/// The grants of the session that `claims` names. The `claims` must come from a verified token.
///
/// # Errors
/// Inner: `auth.session.revoked`, `auth.session.expired`, `auth.user.deactivated`, `auth.acting.ended`,
/// `tenants.suspended`, `auth.session.no_membership`, `auth.token.rejected`.
pub async fn resume<T: Users + Sessions + Memberships + FactorRules>(
    tx: &mut T,
    claims: &Claims,
    now: DateTime<Utc>,
) -> Settled<Resumed> {
    let Some(session) = tx.session_find(claims.sid).await? else {
        return Ok(Err(unknown()));
    };
    if session.subject() != claims.sub || session.tenant != claims.tenant_id {
        return Ok(Err(unknown()));
    }
    if let Err(refusal) = session.check_live(now) {
        return Ok(Err(refusal));
    }
    match tx.user_find(session.user).await?.map(|user| user.check_open()) {
        Some(Ok(())) => {}
        Some(Err(denial)) => return Ok(Err(denial.into())),
        None => return Ok(Err(unknown())),
    }
    let view = match acting::view(tx, &session).await? {
        Ok(Some(view)) => view,
        Ok(None) => return turned_away(tx, &session).await.map(Err),
        Err(refusal) => return Ok(Err(refusal)),
    };
    if session.is_touch_due(now) {
        tx.session_touch(session.id, now).await?;
    }
    let rules = tx.factor_rules_find(session.tenant, session.user).await?.unwrap_or_default();
    let (policy, subject) = rules;
    let factor = policy.standing(&subject, &session, &view.holdings);
    Ok(Ok(Resumed { grants: view.grants(&session).with_factor(factor, now), expires_at: session.expires_at }))
}

fn unknown() -> Refusal {
    unauthenticated(Denial::right("auth.token.rejected").remedy("Sign in again.", Some("sign_in")))
}

#[cfg(test)]
mod tests;
