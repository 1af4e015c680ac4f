//! Checking a code of a second factor, or a recovery code.
//!
//! Codes have six digits, so guesses are limited per user, over all sign-ins and sessions: five failures within
//! 15 minutes lock the user's second factor, as [`crate::throttle`] says for passwords. Nobody can lock
//! someone else out by this: only those with the right password, or a session, get this far. An attempt is
//! counted before it is made and the user is locked meanwhile.

use crate::{
    Factor, FactorMethod, FactorSeal, FactorUse, Factors, LoginAttempts, RecoveryCodes, Refusal, Settled,
    Throttle, ThrottleKey,
    domain_event::{FactorRejected, RecoveryCodeUsed},
    factor::none_yet,
    login::locked,
    recovery_code,
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use tryzore_kernel::{AuditEntry, Denial, Journal, StoreResult, UserId};
use tryzore_rbac::DomainEvent;

/// What someone has typed as the second factor.
#[derive(Debug, Clone)]
pub enum FactorProof {
    /// A code of an authenticator app.
    Code(SecretString),
    /// A recovery code.
    RecoveryCode(SecretString),
}

/// Checks `proof` of `user`, whose row the caller has locked, against all confirmed factors.
///
/// # Errors
/// Inner: `auth.factor.none`, `auth.factor.locked`, `auth.factor.rejected`.
pub(crate) async fn check_factor<T>(
    tx: &mut T,
    user: UserId,
    proof: &FactorProof,
    seal: &impl FactorSeal,
    now: DateTime<Utc>,
) -> Settled<FactorUse>
where
    T: Factors + RecoveryCodes + LoginAttempts + Journal,
{
    let mut factors = tx.factor_list(user).await?;
    factors.retain(Factor::is_confirmed);
    if factors.is_empty() {
        return Ok(Err(none_yet().into()));
    }
    let attempt = match count(tx, user, now).await? {
        Ok(attempt) => attempt,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let accepted = match proof {
        FactorProof::Code(typed) => use_code(tx, factors, typed, seal, now).await?,
        FactorProof::RecoveryCode(typed) => use_recovery_code(tx, user, typed, now).await?,
    };
    match accepted {
        Some(method) => Ok(Ok(attempt.succeeded(tx, method, now).await?)),
        None => Ok(Err(attempt.failed(tx, now))),
    }
}

/// A counted attempt.
pub(crate) struct CountedAttempt {
    user: UserId,
    throttle: Throttle,
}

/// Counts an attempt to use a factor of `user`.
///
/// # Errors
/// Inner: `auth.factor.locked`.
pub(crate) async fn count<T: LoginAttempts>(
    tx: &mut T,
    user: UserId,
    now: DateTime<Utc>,
) -> Settled<CountedAttempt> {
    let key = ThrottleKey::factor(user);
    match tx.throttle_lock(&key).await?.attempt(now) {
        Ok(throttle) => {
            tx.throttle_save(&key, &throttle).await?;
            Ok(Ok(CountedAttempt { user, throttle }))
        }
        Err(lock) => {
            let denial = Denial::state("auth.factor.locked").remedy("Wait, then try again.", None);
            Ok(Err(locked(denial, lock, now)))
        }
    }
}

impl CountedAttempt {
    /// The attempt was right: earlier failures no longer count.
    pub(crate) async fn succeeded<T: LoginAttempts>(
        self,
        tx: &mut T,
        method: FactorMethod,
        now: DateTime<Utc>,
    ) -> StoreResult<FactorUse> {
        tx.throttle_save(&ThrottleKey::factor(self.user), &Throttle::default()).await?;
        Ok(FactorUse { at: now, method })
    }

    /// The attempt was wrong, and stays counted.
    pub(crate) fn failed<T: Journal>(self, tx: &mut T, now: DateTime<Utc>) -> Refusal {
        let locked = self.throttle.locked_until.is_some();
        tx.event_publish(FactorRejected { user: self.user, locked }.published(now));
        Denial::right("auth.factor.rejected")
            .because("attempts.left", self.throttle.attempts_left())
            .remedy("Type the code that the app shows now; each code works once.", None)
            .into()
    }
}

async fn use_code<T: Factors>(
    tx: &mut T,
    factors: Vec<Factor>,
    typed: &SecretString,
    seal: &impl FactorSeal,
    now: DateTime<Utc>,
) -> StoreResult<Option<FactorMethod>> {
    for factor in factors {
        let method = factor.kind.method();
        if let Some(used) = factor.accept(typed.expose_secret(), seal, now)? {
            tx.factor_update(&used).await?;
            return Ok(Some(method));
        }
    }
    Ok(None)
}

async fn use_recovery_code<T: RecoveryCodes + Journal>(
    tx: &mut T,
    user: UserId,
    typed: &SecretString,
    now: DateTime<Utc>,
) -> StoreResult<Option<FactorMethod>> {
    if !tx.recovery_code_use(user, &recovery_code::hash(user, typed), now).await? {
        return Ok(None);
    }
    let left = tx.recovery_codes_left(user).await?;
    tx.event_publish(RecoveryCodeUsed { user, left }.published(now));
    tx.audit_append(AuditEntry {
        action: "recovery_codes.use",
        target: user.uuid(),
        subject: Some(user),
        organizations: Vec::new(),
        details: serde_json::json!({ "left": left }),
    });
    Ok(Some(FactorMethod::RecoveryCode))
}
