//! Second factors of users (AUT-04): what someone has besides the password.
//!
//! A factor has a kind, so that other kinds can follow the authenticator app. It counts once a code has
//! confirmed it: a secret that was never scanned locks nobody out. Changing factors requires that the session
//! has used one within [`FRESH_MINUTES`], unless there is none yet.

use crate::{Session, totp};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, FactorId, StoreResult, UserId};
use tryzore_rbac::factor::step_up_required;

/// The largest number of factors of one user.
pub const FACTORS_MAX: usize = 10;
/// Within how many minutes a factor must have been used to change factors or the rules about them.
pub const FRESH_MINUTES: u16 = 5;

/// A second factor of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Identifies the factor.
    pub id: FactorId,
    /// The user who has it.
    pub user: UserId,
    /// What it is.
    pub kind: FactorKind,
    /// The name that the user gave it.
    pub name: String,
    /// The secret that the user's app has, too.
    pub secret: SealedSecret,
    /// When the secret was made.
    pub created_at: DateTime<Utc>,
    /// When the first code confirmed that the app has the secret; until then the factor does not count.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When the factor was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// The step of the last accepted code.
    pub last_step: Option<i64>,
}

/// A secret as it is stored: encrypted, and bound to its factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// The name of the key that encrypted it.
    pub with: String,
    /// The encrypted secret.
    pub bytes: Vec<u8>,
}

/// Encrypts the secrets of factors with a key of the configuration. The id of the factor is part of the seal,
/// so a secret that is copied to another row cannot be opened.
pub trait FactorSeal: Send + Sync {
    /// Encrypts the `secret` of a factor with the current key.
    ///
    /// # Errors
    /// [`tryzore_kernel::StoreError::Broken`].
    fn factor_seal(&self, factor: FactorId, secret: &[u8]) -> StoreResult<SealedSecret>;

    /// The secret of a factor.
    ///
    /// # Errors
    /// [`tryzore_kernel::StoreError::Broken`] when its key is not configured or the seal is broken.
    fn factor_open(&self, factor: FactorId, sealed: &SealedSecret) -> StoreResult<secrecy::SecretBox<[u8]>>;
}

/// What a factor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// An authenticator app, which shows time-based codes.
    Totp,
}

impl FactorKind {
    /// The text in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
        }
    }

    /// The method with which the factor is used.
    #[must_use]
    pub const fn method(self) -> FactorMethod {
        match self {
            Self::Totp => FactorMethod::Totp,
        }
    }
}

/// What a session verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorMethod {
    /// A code of an authenticator app.
    Totp,
    /// A recovery code.
    RecoveryCode,
}

impl FactorMethod {
    /// The text in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }
}

/// A use of a factor in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorUse {
    /// When the factor was verified.
    pub at: DateTime<Utc>,
    /// What was verified.
    pub method: FactorMethod,
}

impl Factor {
    /// A new authenticator app that is not confirmed yet.
    #[must_use]
    pub const fn totp(
        id: FactorId,
        user: UserId,
        name: String,
        secret: SealedSecret,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            user,
            kind: FactorKind::Totp,
            name,
            secret,
            created_at: now,
            confirmed_at: None,
            last_used_at: None,
            last_step: None,
        }
    }

    /// Whether the factor counts.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }

    /// The same factor, used with the code `typed`; `None` when the code is wrong, or was used before. The
    /// secret is encrypted again, so that it is always encrypted with the current key after a use.
    ///
    /// # Errors
    /// When the secret cannot be opened.
    pub fn accept(
        mut self,
        typed: &str,
        seal: &impl FactorSeal,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<Self>> {
        use secrecy::ExposeSecret;
        let secret = seal.factor_open(self.id, &self.secret)?;
        let Some(step) = totp::accepted_step(secret.expose_secret(), typed, self.last_step, now) else {
            return Ok(None);
        };
        self.secret = seal.factor_seal(self.id, secret.expose_secret())?;
        self.last_step = Some(step);
        self.last_used_at = Some(now);
        Ok(Some(self))
    }
}

/// Checks that `session` has used a factor within [`FRESH_MINUTES`], to do what `permission` names.
///
/// # Errors
/// `auth.factor.step_up_required`.
pub(crate) fn require_fresh(session: &Session, permission: &str, now: DateTime<Utc>) -> Result<(), Denial> {
    let used_at = session.factor.map(|used| used.at);
    if used_at.is_some_and(|at| now - at <= TimeDelta::minutes(FRESH_MINUTES.into())) {
        return Ok(());
    }
    Err(step_up_required(permission, FRESH_MINUTES, used_at))
}

/// The refusal of a user who has no factor.
pub(crate) fn none_yet() -> Denial {
    Denial::state("auth.factor.none")
        .because("factors", 0)
        .remedy("Set up a second factor, such as an authenticator app.", Some("enroll_totp"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, session};

    #[test]
    fn a_factor_is_fresh_for_five_minutes() {
        let used = Session { factor: Some(FactorUse { at: NOW, method: FactorMethod::Totp }), ..session() };
        let end = NOW + TimeDelta::minutes(5);
        assert_eq!(require_fresh(&used, "own.security", end), Ok(()));
        let late = require_fresh(&used, "own.security", end + TimeDelta::microseconds(1));
        assert_eq!(late.unwrap_err().code, "auth.factor.step_up_required");
        assert!(require_fresh(&session(), "own.security", NOW).is_err(), "never used");
    }
}
