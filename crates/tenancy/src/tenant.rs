//! A tenant: one brand under one contract with the platform (TEN-04).
//!
//! ```text
//! active <-> suspended        either -> deleted, for good
//! ```
//!
//! **Invariant:** the operator, time and reason of the last change of status are stored, unless the status
//! never changed.

use crate::UseCaseError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, Email, TenantId, UserId};

/// The status of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// The tenant is open: its people can sign in.
    Active,
    /// Nobody can sign in or continue a session until the tenant is reactivated.
    Suspended,
    /// The tenant is treated as if it did not exist; its rows stay until retention deletes them.
    Deleted,
}

impl TenantStatus {
    /// The status as text in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        }
    }
}

/// A change of the status by an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// When the status changed.
    pub at: DateTime<Utc>,
    /// The operator.
    pub by: UserId,
    /// The reason, 1 to 500 characters.
    pub because: String,
}

/// A tenant: one brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The id of the tenant.
    pub id: TenantId,
    /// The name of the tenant, 1 to 255 characters.
    pub name: String,
    /// The current status.
    pub status: TenantStatus,
    /// The last change of the status; `None` when the status never changed.
    pub status_change: Option<StatusChange>,
    /// The address that the platform writes to.
    pub contact_email: Email,
    /// The version, which grows with each change, from 1.
    pub version: i32,
    /// When the tenant was opened.
    pub created_at: DateTime<Utc>,
    /// When the tenant was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Tenant {
    /// Creates a tenant that opens at `now`.
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

    /// When the tenant got its current status.
    #[must_use]
    pub fn since(&self) -> DateTime<Utc> {
        self.status_change.as_ref().map_or(self.created_at, |status_change| status_change.at)
    }

    /// The tenant after its status was set to `to`; `None` when it has that status already.
    ///
    /// # Errors
    /// `tenants.deleted`: a deleted tenant cannot be restored.
    pub fn set_status(&self, to: TenantStatus, status_change: StatusChange) -> Result<Option<Self>, Denial> {
        match (self.status, to) {
            (from, to) if from == to => Ok(None),
            (TenantStatus::Deleted, _) => Err(Denial::state("tenants.deleted")
                .because("tenant.status", self.status)
                .because("tenant.deleted_at", self.since())
                .remedy("A deleted tenant cannot be restored. Open a new tenant.", None)),
            (_, status) => Ok(Some(Self {
                status,
                version: self.version + 1,
                updated_at: status_change.at,
                status_change: Some(status_change),
                ..self.clone()
            })),
        }
    }

    /// Checks that a new person can join the tenant. `what` names the object that they ask for.
    ///
    /// # Errors
    /// `tenants.suspended`, without the reason, because the caller does not belong to the tenant yet; for a
    /// deleted tenant, `what` is not found.
    pub(crate) fn check_open(&self, what: &'static str) -> Result<(), UseCaseError> {
        match self.status {
            TenantStatus::Active => Ok(()),
            TenantStatus::Deleted => Err(UseCaseError::NotFound(what)),
            TenantStatus::Suspended => Err(Denial::right("tenants.suspended")
                .because("tenant", self.id)
                .because("tenant.suspended_at", self.since())
                .remedy("Try again when the tenant is active again; your data is still there.", None)
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
    fn ten_04_a_tenant_can_be_suspended_and_reactivated_but_not_restored() {
        let (by, at) = (UserId::generate(NOW), NOW + TimeDelta::days(1));
        let set_status =
            |from: &Tenant, to| from.set_status(to, StatusChange { at, by, because: "unpaid".into() });
        let open = Tenant::new(TenantId::generate(NOW), "Iron".into(), "a@iron.it".parse().unwrap(), NOW);
        assert_eq!(set_status(&open, TenantStatus::Active), Ok(None), "no change");
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
