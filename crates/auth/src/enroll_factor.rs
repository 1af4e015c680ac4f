//! Setting a second factor up: the secret is shown once, and a first code confirms that the app has it.
//!
//! Whoever has a factor already must have used it lately, so that a stolen session cannot add one. The first
//! factor comes with recovery codes.

use crate::{
    Factor, FactorSeal, FactorUse, Factors, LoginAttempts, RecoveryCodes, Secrets, Session, Sessions,
    Settled, Users,
    check_factor::count,
    domain_event::{FactorAdded, OfFactor},
    ending::person,
    error::Refusal,
    factor::{FACTORS_MAX, require_fresh},
    recovery_code::MadeCodes,
    totp,
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use tryzore_kernel::{AuditEntry, Denial, FactorId, Journal, form};
use tryzore_rbac::{DomainEvent, Permit, Slug, catalogue::OwnSecurity};

/// The longest name of a factor.
pub const NAME_MAX: usize = 100;

/// A factor that was just made. Its secret is shown now and never again.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// The factor, which is not confirmed yet.
    pub factor: Factor,
    /// The secret in base32, to be typed into an app.
    pub secret: SecretString,
    /// The same as a URI, to be scanned by an app as a QR code.
    pub otpauth_uri: SecretString,
}

/// A factor that counts from now on.
#[derive(Debug, Clone)]
pub struct Confirmed {
    /// The factor.
    pub factor: Factor,
    /// The recovery codes, if this is the only factor. They are shown now and never again.
    pub recovery_codes: Option<Vec<SecretString>>,
}

/// Makes the secret of an authenticator app called `name`. An earlier one that was never confirmed is dropped.
///
/// # Errors
/// Inner: `auth.person_required`, `auth.factor.step_up_required`, `auth.factor.too_many`, 422 for the name.
pub async fn enroll_totp<T>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    name: &str,
    seal: &impl FactorSeal,
    secrets: &impl Secrets,
    now: DateTime<Utc>,
) -> Settled<Enrolled>
where
    T: Users + Sessions + Factors,
{
    let (user, session) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let name = match check_name(name) {
        Ok(name) => name,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (Some(user), Some(session)) = (tx.user_lock(user).await?, tx.session_find(session).await?) else {
        return Ok(Err(Refusal::NotFound("session")));
    };
    let confirmed = tx.factor_list(user.id).await?.iter().filter(|factor| factor.is_confirmed()).count();
    if let Err(denial) = may_add(&session, confirmed, now) {
        return Ok(Err(denial.into()));
    }
    let bits = secrets.secret_generate()?;
    let secret = &bits[..totp::SECRET_BYTES];
    let id = FactorId::generate(now);
    let factor = Factor::totp(id, user.id, name, seal.factor_seal(id, secret)?, now);
    tx.factor_insert(&factor).await?;
    Ok(Ok(Enrolled {
        factor,
        secret: totp::base32(secret).into(),
        otpauth_uri: totp::otpauth_uri(secret, user.email.as_str()).into(),
    }))
}

/// Whether someone with that many confirmed factors may add one in `session`.
fn may_add(session: &Session, confirmed: usize, now: DateTime<Utc>) -> Result<(), Denial> {
    if confirmed == 0 {
        return Ok(());
    }
    require_fresh(session, Slug::OWN_SECURITY.as_str(), now)?;
    if confirmed < FACTORS_MAX {
        return Ok(());
    }
    Err(Denial::state("auth.factor.too_many")
        .because("factors", confirmed)
        .because("factors.limit", FACTORS_MAX)
        .remedy("Remove a factor that you no longer use.", Some("remove_factor")))
}

/// Confirms a factor with the first code of its app: from now on, signing in requires it. The session counts
/// as having used it.
///
/// # Errors
/// Inner: `auth.person_required`, not found, `auth.factor.confirmed`, `auth.factor.too_many`,
/// `auth.factor.step_up_required`, `auth.factor.locked`, `auth.factor.rejected`.
pub async fn confirm_factor<T>(
    permit: &Permit<OwnSecurity>,
    tx: &mut T,
    (id, code): (FactorId, &SecretString),
    seal: &impl FactorSeal,
    secrets: &impl Secrets,
    now: DateTime<Utc>,
) -> Settled<Confirmed>
where
    T: Users + Sessions + Factors + RecoveryCodes + LoginAttempts + Journal,
{
    let (user, session) = match person(permit) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (Some(user), Some(session)) = (tx.user_lock(user).await?, tx.session_lock(session).await?) else {
        return Ok(Err(Refusal::NotFound("session")));
    };
    let factors = tx.factor_list(user.id).await?;
    let confirmed = factors.iter().filter(|factor| factor.is_confirmed()).count();
    let Some(factor) = factors.into_iter().find(|factor| factor.id == id) else {
        return Ok(Err(Refusal::NotFound("factor")));
    };
    if let Some(at) = factor.confirmed_at {
        let denial = Denial::state("auth.factor.confirmed").because("factor.confirmed_at", at);
        return Ok(Err(denial.remedy("Nothing is left to do.", Some("list_factors")).into()));
    }
    if let Err(denial) = may_add(&session, confirmed, now) {
        return Ok(Err(denial.into()));
    }
    let attempt = match count(tx, user.id, now).await? {
        Ok(attempt) => attempt,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(factor) = factor.accept(code.expose_secret(), seal, now)? else {
        return Ok(Err(attempt.failed(tx, now)));
    };
    let factor = Factor { confirmed_at: Some(now), ..factor };
    let used: FactorUse = attempt.succeeded(tx, factor.kind.method(), now).await?;
    tx.factor_update(&factor).await?;
    tx.session_update(&Session { factor: Some(used), ..session }).await?;
    let recovery_codes = match confirmed {
        0 => {
            let made = MadeCodes::try_new(user.id, secrets)?;
            tx.recovery_codes_replace(user.id, &made.hashes, now).await?;
            Some(made.texts)
        }
        _ => None,
    };
    tx.event_publish(FactorAdded(OfFactor { user: user.id, factor: id }).published(now));
    tx.audit_append(AuditEntry {
        action: "factors.add",
        target: id.uuid(),
        subject: Some(user.id),
        organizations: Vec::new(),
        details: serde_json::json!({ "kind": factor.kind, "name": factor.name }),
    });
    Ok(Ok(Confirmed { factor, recovery_codes }))
}

/// The name of a factor, as it is stored.
pub(crate) fn check_name(name: &str) -> Result<String, Refusal> {
    form::line(name, 1, NAME_MAX)
        .map_err(|detail| Refusal::Invalid { pointer: "/name", detail: detail.into() })
}
