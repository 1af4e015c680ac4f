//! Verifying a second factor in a running session (*step-up*): what requires a recently used factor is possible
//! again for a while.

use crate::{
    FactorProof, FactorSeal, FactorUse, Factors, LoginAttempts, RecoveryCodes, Refusal, Session, Sessions,
    Settled, Users, check_factor::check_factor, domain_event::FactorVerified, ending::person,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::Journal;
use tryzore_rbac::{DomainEvent, Permit, catalogue::OwnSecurity};

/// Verifies `proof` for the session of the request.
///
/// # Errors
/// Inner: `auth.person_required`, `auth.session.revoked`, `auth.session.expired`, `auth.factor.none`,
/// `auth.factor.locked`, `auth.factor.rejected`.
pub async fn verify_factor<T>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    proof: &FactorProof,
    seal: &impl FactorSeal,
    now: DateTime<Utc>,
) -> Settled<FactorUse>
where
    T: Users + Sessions + Factors + RecoveryCodes + LoginAttempts + Journal,
{
    let (user, id) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (Some(_), Some(session)) = (tx.user_lock(user).await?, tx.session_lock(id).await?) else {
        return Ok(Err(Refusal::NotFound("session")));
    };
    if let Err(refusal) = session.check_live(now) {
        return Ok(Err(refusal));
    }
    let used = match check_factor(tx, user, proof, seal, now).await? {
        Ok(used) => used,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let tenant = session.tenant;
    tx.session_update(&Session { factor: Some(used), ..session }).await?;
    tx.event_publish(FactorVerified { user, session: id, tenant, method: used.method }.published(now));
    Ok(Ok(used))
}
