//! The second factors of the signed-in user: listing, renaming and removing them, and new recovery codes.

use crate::{
    Factor, Factors, RecoveryCodes, Refusal, Secrets, Sessions, Settled, Users,
    domain_event::{FactorRemoved, OfFactor},
    ending::person,
    enroll_factor::check_name,
    factor::{none_yet, require_fresh},
    recovery_code::MadeCodes,
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{AuditEntry, FactorId, Journal};
use tryzore_rbac::{DomainEvent, Permit, Slug, catalogue::OwnSecurity};

/// The factors of a user.
#[derive(Debug, Clone)]
pub struct FactorList {
    /// The factors, oldest first.
    pub factors: Vec<Factor>,
    /// How many recovery codes are unused.
    pub recovery_codes_left: i64,
}

/// The factors of the signed-in user.
///
/// # Errors
/// Inner: `auth.person_required`.
pub async fn list_factors<T: Factors + RecoveryCodes>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
) -> Settled<FactorList> {
    let (user, _) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let factors = tx.factor_list(user).await?;
    Ok(Ok(FactorList { factors, recovery_codes_left: tx.recovery_codes_left(user).await? }))
}

/// Gives a factor of the signed-in user another name.
///
/// # Errors
/// Inner: `auth.person_required`; not found, also for a factor of another user; 422 for the name.
pub async fn rename_factor<T: Users + Factors>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    id: FactorId,
    name: &str,
) -> Settled<Factor> {
    let (user, _) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let name = match check_name(name) {
        Ok(name) => name,
        Err(refusal) => return Ok(Err(refusal)),
    };
    tx.user_lock(user).await?;
    let Some(factor) = tx.factor_list(user).await?.into_iter().find(|factor| factor.id == id) else {
        return Ok(Err(Refusal::NotFound("factor")));
    };
    let factor = Factor { name, ..factor };
    tx.factor_update(&factor).await?;
    Ok(Ok(factor))
}

/// Removes a factor of the signed-in user. With the last one, the recovery codes go as well.
///
/// # Errors
/// Inner: `auth.person_required`; not found, also for a factor of another user; `auth.factor.step_up_required`
/// unless a factor was just used or this one was never confirmed.
pub async fn remove_factor<T>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    id: FactorId,
    now: DateTime<Utc>,
) -> Settled<()>
where
    T: Users + Sessions + Factors + RecoveryCodes + Journal,
{
    let (user, session) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (Some(_), Some(session)) = (tx.user_lock(user).await?, tx.session_find(session).await?) else {
        return Ok(Err(Refusal::NotFound("session")));
    };
    let factors = tx.factor_list(user).await?;
    let Some(factor) = factors.iter().find(|factor| factor.id == id) else {
        return Ok(Err(Refusal::NotFound("factor")));
    };
    if !factor.is_confirmed() {
        tx.factor_delete(id).await?;
        return Ok(Ok(()));
    }
    if let Err(denial) = require_fresh(&session, Slug::OWN_SECURITY.as_str(), now) {
        return Ok(Err(denial.into()));
    }
    tx.factor_delete(id).await?;
    let is_last = !factors.iter().any(|other| other.id != id && other.is_confirmed());
    if is_last {
        tx.recovery_codes_replace(user, &[], now).await?;
    }
    tx.event_publish(FactorRemoved(OfFactor { user, factor: id }).published(now));
    tx.audit_append(AuditEntry {
        action: "factors.remove",
        target: id.uuid(),
        subject: Some(user),
        organizations: Vec::new(),
        details: serde_json::json!({ "kind": factor.kind, "name": factor.name, "is_last": is_last }),
    });
    Ok(Ok(()))
}

/// Makes new recovery codes for the signed-in user; the former ones stop working.
///
/// # Errors
/// Inner: `auth.person_required`, `auth.factor.none`, `auth.factor.step_up_required`.
pub async fn replace_recovery_codes<T>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    secrets: &impl Secrets,
    now: DateTime<Utc>,
) -> Settled<Vec<SecretString>>
where
    T: Users + Sessions + Factors + RecoveryCodes + Journal,
{
    let (user, session) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (Some(_), Some(session)) = (tx.user_lock(user).await?, tx.session_find(session).await?) else {
        return Ok(Err(Refusal::NotFound("session")));
    };
    if !tx.factor_list(user).await?.iter().any(Factor::is_confirmed) {
        return Ok(Err(none_yet().into()));
    }
    if let Err(denial) = require_fresh(&session, Slug::OWN_SECURITY.as_str(), now) {
        return Ok(Err(denial.into()));
    }
    let made = MadeCodes::try_new(user, secrets)?;
    tx.recovery_codes_replace(user, &made.hashes, now).await?;
    tx.audit_append(AuditEntry {
        action: "recovery_codes.replace",
        target: user.uuid(),
        subject: Some(user),
        organizations: Vec::new(),
        details: serde_json::json!({ "codes": made.hashes.len() }),
    });
    Ok(Ok(made.texts))
}
