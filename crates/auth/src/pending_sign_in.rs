//! Sign-ins that a provider has accepted in part: the credentials are right, and it needs more.
//!
//! The provider's token for the next step stays with us: the person gets a text in which it is sealed together
//! with what the sign-in was about. The text is valid for [`LIFE`], on the device that gave the credentials.
//! The provider accepts its token once, so the text works once, too.

use crate::{Origin, Refusal, SignInMethod, error::unauthenticated, login::LoginRequest};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;
use tryzore_kernel::{Denial, Email, OrganizationId, StoreError, StoreResult, TenantId};

/// How long a sign-in can be continued.
pub const LIFE: TimeDelta = TimeDelta::minutes(10);
/// The longest code of any provider, in characters.
pub const CODE_MAX: usize = 64;

/// What a provider needs after right credentials.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// What the provider needs.
    pub step: Step,
    /// The token with which the provider recognizes the sign-in; never told to anyone.
    pub token: String,
    /// The address of the person, if the provider says it.
    pub email: Option<Email>,
}

/// What a provider needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The code that the provider has just mailed to the address.
    EmailVerification,
    /// The code of an authenticator app that is set up at the provider.
    Totp {
        /// The provider's id of this question.
        challenge: String,
    },
    /// The organization of the provider to sign in to.
    OrganizationSelection {
        /// The possible ones.
        choices: Vec<ProviderOrganization>,
    },
}

/// An organization at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderOrganization {
    /// The id at the provider, such as `org_01…`.
    pub id: String,
    /// The name at the provider.
    pub name: String,
}

/// The answer of a person to what the provider needs.
#[derive(Debug, Clone)]
pub struct Continuation {
    /// What the provider needs.
    pub pending: Pending,
    /// The code, or the id of the chosen organization.
    pub answer: SecretString,
    /// When the credentials were given.
    pub began: DateTime<Utc>,
}

/// The answer of a person as it was sent.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// A code.
    pub code: Option<SecretString>,
    /// The id of an organization at the provider.
    pub organization: Option<String>,
}

/// A sign-in that can be continued.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PendingSignIn {
    pub(crate) pending: Pending,
    pub(crate) device: Option<String>,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) began: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Encrypts pending sign-ins with a key of the configuration.
pub trait PendingSeal {
    /// Encrypts `text`; every call gives another result.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when the operating system fails.
    fn pending_seal(&self, text: &[u8]) -> StoreResult<SecretString>;
    /// The text that was sealed; `None` if `sealed` was not made by [`PendingSeal::pending_seal`].
    fn pending_open(&self, sealed: &SecretString) -> Option<SecretBox<[u8]>>;
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("step", &self.step).finish_non_exhaustive()
    }
}

impl Step {
    /// The name of what is needed, in the API.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::EmailVerification => "email_verification",
            Self::Totp { .. } => "totp",
            Self::OrganizationSelection { .. } => "organization_selection",
        }
    }

    fn answer(&self, answer: Answer) -> Result<SecretString, Refusal> {
        match (self, answer) {
            (Self::OrganizationSelection { choices }, Answer { code: None, organization: Some(id) }) => {
                if choices.iter().any(|choice| choice.id == id) {
                    Ok(id.into())
                } else {
                    let detail = "expected one of the offered organizations".into();
                    Err(Refusal::Invalid { pointer: "/provider_organization", detail })
                }
            }
            (Self::OrganizationSelection { .. }, _) => Err(Refusal::Invalid {
                pointer: "/provider_organization",
                detail: "expected one of the offered organizations, and no code".into(),
            }),
            (
                Self::EmailVerification | Self::Totp { .. },
                Answer { code: Some(code), organization: None },
            ) => check_code(&code).map(|()| code),
            (Self::EmailVerification | Self::Totp { .. }, _) => Err(Refusal::Invalid {
                pointer: "/code",
                detail: "expected the code, and nothing else".into(),
            }),
        }
    }
}

/// Whether `code` can be a code at all.
pub(crate) fn check_code(code: &SecretString) -> Result<(), Refusal> {
    let length = code.expose_secret().chars().count();
    if (1..=CODE_MAX).contains(&length) {
        return Ok(());
    }
    Err(Refusal::Invalid { pointer: "/code", detail: format!("expected 1 to {CODE_MAX} characters").into() })
}

impl PendingSignIn {
    pub(crate) fn seal(&self, seal: &impl PendingSeal) -> StoreResult<SecretString> {
        let text = serde_json::to_vec(self).map_err(|error| StoreError::Broken(error.to_string()))?;
        seal.pending_seal(&text)
    }
}

/// The request that continues the sign-in `sealed` with `answer`.
///
/// # Errors
/// `auth.login.pending_invalid`; 422 for an answer to another question.
pub fn resume(
    sealed: &SecretString,
    answer: Answer,
    origin: Origin,
    seal: &impl PendingSeal,
    now: DateTime<Utc>,
) -> Result<LoginRequest, Refusal> {
    let opened = seal.pending_open(sealed);
    let read = opened.and_then(|text| serde_json::from_slice::<PendingSignIn>(text.expose_secret()).ok());
    let PendingSignIn { pending, device, tenant, organization, began, expires_at } =
        read.ok_or_else(invalid)?;
    if now > expires_at || device != origin.device.id {
        return Err(invalid());
    }
    let answer = pending.step.answer(answer)?;
    let method = SignInMethod::Continuation(Box::new(Continuation { pending, answer, began }));
    Ok(LoginRequest { method, origin, tenant, organization })
}

fn invalid() -> Refusal {
    unauthenticated(
        Denial::right("auth.login.pending_invalid").remedy(
            "The sign-in took too long, or was begun on another device. Start again.",
            Some("sign_in"),
        ),
    )
}

#[cfg(test)]
pub(crate) mod tests;
