//! From a verified access token to the grants of its session: the first step of every request.
//!
//! The token only names the session; whether the session is live and at which location is read from the
//! database. The result is immutable and can be cached for as long as a revocation may take to have effect.

use crate::{
    Claims, FactorRules, Memberships, Refusal, Sessions, Settled, Users, error::unauthenticated, membership,
    suspension::turned_away,
};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tryzore_kernel::Denial;
use tryzore_rbac::{Actor, Grants};

/// The grants of the session that `claims` names. The `claims` must come from a verified token.
///
/// # Errors
/// Inner: `auth.session.revoked`, `auth.session.expired`, `auth.user.deactivated`,
/// `tenants.suspended`, `auth.session.no_membership`, `auth.token.rejected`.
pub async fn resume<T: Users + Sessions + Memberships + FactorRules>(
    tx: &mut T,
    claims: &Claims,
    now: DateTime<Utc>,
) -> Settled<Arc<Grants>> {
    let Some(session) = tx.session_find(claims.sid).await? else {
        return Ok(Err(unknown()));
    };
    if session.user != claims.sub || session.tenant != claims.tenant_id {
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
    let Some(holdings) = tx.holdings_find(session.user, session.tenant).await? else {
        return turned_away(tx, &session).await.map(Err);
    };
    if session.is_touch_due(now) {
        tx.session_touch(session.id, now).await?;
    }
    let rules = tx.factor_rules_find(session.tenant, session.user).await?.unwrap_or_default();
    let (policy, subject) = rules;
    let factor = policy.standing(&subject, &holdings, session.factor);
    let available = membership::available(&holdings);
    let at = session.organization.filter(|at| available.contains(at));
    let actor = Actor::User { user: session.user, session: session.id };
    Ok(Ok(Grants::compile(actor, session.tenant, at, &holdings).with_factor(factor, now)))
}

fn unknown() -> Refusal {
    unauthenticated(Denial::right("auth.token.rejected").remedy("Sign in again.", Some("sign_in")))
}

#[cfg(test)]
mod tests;
