//! Owner accounts, and what owning a location means (TEN-01, TEN-02).
//!
//! - An **owner** and a **partner** own: the location is among those that a role of scope `owned`
//!   (Enterprise Owner) takes in, so both may do everything there. The difference is who can't be
//!   dispensed with: a tenant keeps at least one employee with the Enterprise Owner role.
//! - A **viewer** sees and changes nothing: at those locations it holds
//!   [`tryzore_rbac::preset::OWNER_VIEWER`], whatever roles it has elsewhere.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Email, OwnerAccountId, UserId};

/// As what an account owns a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerRole {
    /// Owns it.
    Owner,
    /// Owns a part of it and runs it with the owner.
    Partner,
    /// Owns a part of it and only looks.
    Viewer,
}

impl OwnerRole {
    /// The word in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Partner => "partner",
            Self::Viewer => "viewer",
        }
    }

    /// Whether it owns in the sense of permissions.
    #[must_use]
    pub const fn runs_it(self) -> bool {
        matches!(self, Self::Owner | Self::Partner)
    }
}

/// Who owns locations, in one or several tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerAccount {
    /// Its id.
    pub id: OwnerAccountId,
    /// Who signs in as this owner.
    pub user: Option<UserId>,
    /// Its address, unique; at most 255 characters.
    pub email: Email,
    /// What the owner is called, 1 to 255 characters.
    pub name: String,
    /// Whether it has an enterprise contract.
    pub is_enterprise: bool,
    /// Where invoices of the platform go; to `email` when not said.
    pub billing_email: Option<Email>,
    /// When its first location was opened; none for an account that has none yet.
    pub onboarding_completed_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

impl OwnerAccount {
    /// The account of `user`, who has proven to read `email`.
    #[must_use]
    pub fn new(user: UserId, email: Email, name: String, now: DateTime<Utc>) -> Self {
        Self {
            id: OwnerAccountId::generate(now),
            user: Some(user),
            email,
            name,
            is_enterprise: false,
            billing_email: None,
            onboarding_completed_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether it has finished onboarding.
    #[must_use]
    pub const fn is_onboarded(&self) -> bool {
        self.onboarding_completed_at.is_some()
    }
}
