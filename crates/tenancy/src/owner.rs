//! Owner accounts, and what owning a location means (TEN-01, TEN-02).
//!
//! - An **owner** and a **partner** own the location: it is among those that a role of scope `owned`
//!   (Enterprise Owner) covers, so both may do everything there. The difference: a tenant keeps at least
//!   one employee with the Enterprise Owner role.
//! - A **viewer** sees the location and changes nothing: there they hold
//!   [`tryzore_rbac::preset::OWNER_VIEWER`], whatever roles they have elsewhere.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Email, OwnerAccountId, UserId};

/// The role in which an account owns a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerRole {
    /// Owns the location.
    Owner,
    /// Owns a part of the location and runs it with the owner.
    Partner,
    /// Owns a part of the location and only sees its data.
    Viewer,
}

impl OwnerRole {
    /// The role as text in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Partner => "partner",
            Self::Viewer => "viewer",
        }
    }

    /// Whether the role counts as owning for permissions.
    #[must_use]
    pub const fn runs_it(self) -> bool {
        matches!(self, Self::Owner | Self::Partner)
    }
}

/// An account that owns locations, in one or several tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerAccount {
    /// The id of the account.
    pub id: OwnerAccountId,
    /// The user who signs in as this owner.
    pub user: Option<UserId>,
    /// The address of the account, unique; at most 255 characters.
    pub email: Email,
    /// The name of the owner, 1 to 255 characters.
    pub name: String,
    /// Whether the owner has an enterprise contract.
    pub is_enterprise: bool,
    /// The address for invoices of the platform; `email` when absent.
    pub billing_email: Option<Email>,
    /// When the first location of the account was opened; `None` for an account without locations.
    pub onboarding_completed_at: Option<DateTime<Utc>>,
    /// When the account was created.
    pub created_at: DateTime<Utc>,
    /// When the account was last changed.
    pub updated_at: DateTime<Utc>,
}

impl OwnerAccount {
    /// Creates the account of `user`, who has verified `email`.
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

    /// Whether the account has finished onboarding.
    #[must_use]
    pub const fn is_onboarded(&self) -> bool {
        self.onboarding_completed_at.is_some()
    }
}
