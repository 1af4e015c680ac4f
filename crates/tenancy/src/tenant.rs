//! A tenant: one brand under one contract with the platform (TEN-04).
//!
//! ```text
//! active <-> suspended        either -> deleted, for good
//! ```
//!
//! **Invariant:** who turned it, when and why is known, unless it stands as it was opened.

use crate::UseCaseError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, Email, TenantId, UserId};

/// Where a tenant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// Open: its people can sign in.
    Active,
    /// Nobody can sign in or go on until it is activated again.
    Suspended,
    /// Given up, as if it were not; its rows stay until retention takes them.
    Deleted,
}

impl TenantStatus {
    /// The word in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        }
    }
}

/// That an operator turned a tenant to where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// When.
    pub at: DateTime<Utc>,
    /// Which operator.
    pub by: UserId,
    /// Why, 1 to 500 characters.
    pub because: String,
}

/// One brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What it is called, 1 to 255 characters.
    pub name: String,
    /// Where it stands.
    pub status: TenantStatus,
    /// Who turned it there; none while it stands as it was opened.
    pub status_change: Option<StatusChange>,
    /// Whom the platform writes to.
    pub contact_email: Email,
    /// Counts its changes, from 1.
    pub version: i32,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

impl Tenant {
    /// A tenant that opens at `now`.
    #[must_use]
    pub const fn new(id: TenantId, name: String, contact_email: Email, now: DateTime<Utc>) -> Self {
        Self {
            id,
            name,
            status: TenantStatus::Active,
            status_change: None,
            contact_email,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Since when it stands where it does.
    #[must_use]
    pub fn since(&self) -> DateTime<Utc> {
        self.status_change.as_ref().map_or(self.created_at, |status_change| status_change.at)
    }

    /// The tenant after it was `turned` to `to`; none when it stands there already.
    ///
    /// # Errors
    /// `tenants.deleted`: a tenant that was given up does not come back.
    pub fn set_status(&self, to: TenantStatus, status_change: StatusChange) -> Result<Option<Self>, Denial> {
        match (self.status, to) {
            (from, to) if from == to => Ok(None),
            (TenantStatus::Deleted, _) => Err(Denial::state("tenants.deleted")
                .because("tenant.status", self.status)
                .because("tenant.deleted_at", self.since())
                .remedy("A tenant that was deleted does not come back. Have a new one opened.", None)),
            (_, status) => Ok(Some(Self {
                status,
                version: self.version + 1,
                updated_at: status_change.at,
                status_change: Some(status_change),
                ..self.clone()
            })),
        }
    }

    /// Whether someone new can come to it, who asks for `what`.
    ///
    /// # Errors
    /// `tenants.suspended`, which tells no reason: whoever asks does not belong there yet. Of a deleted
    /// one there is no `what`.
    pub(crate) fn check_open(&self, what: &'static str) -> Result<(), UseCaseError> {
        match self.status {
            TenantStatus::Active => Ok(()),
            TenantStatus::Deleted => Err(UseCaseError::NotFound(what)),
            TenantStatus::Suspended => Err(Denial::right("tenants.suspended")
                .because("tenant", self.id)
                .because("tenant.suspended_at", self.since())
                .remedy("Nothing is lost. Try again when it is open again.", None)
                .into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;
    use chrono::TimeDelta;

    #[test]
    fn ten_04_a_tenant_is_suspended_and_activated_and_a_deleted_one_stays_so() {
        let (by, at) = (UserId::generate(NOW), NOW + TimeDelta::days(1));
        let set_status =
            |from: &Tenant, to| from.set_status(to, StatusChange { at, by, because: "unpaid".into() });
        let open = Tenant::new(TenantId::generate(NOW), "Iron".into(), "a@iron.it".parse().unwrap(), NOW);
        assert_eq!(set_status(&open, TenantStatus::Active), Ok(None), "so already");
        assert_eq!((open.since(), open.version), (NOW, 1));
        let suspended = set_status(&open, TenantStatus::Suspended).unwrap().unwrap();
        assert_eq!(
            (suspended.status, suspended.since(), suspended.version),
            (TenantStatus::Suspended, at, 2)
        );
        assert_eq!(suspended.status_change.as_ref().map(|status_change| status_change.by), Some(by));
        assert_eq!(
            set_status(&suspended, TenantStatus::Active).unwrap().unwrap().status,
            TenantStatus::Active
        );
        for from in [&open, &suspended] {
            let deleted = set_status(from, TenantStatus::Deleted).unwrap().unwrap();
            assert_eq!(set_status(&deleted, TenantStatus::Deleted), Ok(None));
            for to in [TenantStatus::Active, TenantStatus::Suspended] {
                assert_eq!(set_status(&deleted, to).unwrap_err().code, "tenants.deleted");
            }
        }
    }
}
