//! A tenant: one brand under one contract with the platform (TEN-04).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, Email, TenantId};

/// Where a tenant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// Open: its people can sign in.
    Active,
    /// Nobody can sign in until it is activated again.
    Suspended,
    /// Given up; its rows stay until retention takes them.
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

/// One brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What it is called, 1 to 255 characters.
    pub name: String,
    /// Where it stands.
    pub status: TenantStatus,
    /// Whom the platform writes to.
    pub contact_email: Email,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

impl Tenant {
    /// A tenant that opens at `now`.
    #[must_use]
    pub const fn new(id: TenantId, name: String, contact_email: Email, now: DateTime<Utc>) -> Self {
        Self { id, name, status: TenantStatus::Active, contact_email, created_at: now, updated_at: now }
    }

    /// The tenant after `change`; none when it is so already.
    ///
    /// # Errors
    /// `tenants.deleted`: a tenant that was given up does not come back.
    pub fn turn(&self, to: TenantStatus, now: DateTime<Utc>) -> Result<Option<Self>, Denial> {
        match (self.status, to) {
            (from, to) if from == to => Ok(None),
            (TenantStatus::Deleted, _) => Err(Denial::state("tenants.deleted")
                .because("tenant.status", self.status)
                .because("tenant.updated_at", self.updated_at)
                .remedy("Open a new tenant.", None)),
            (_, status) => Ok(Some(Self { status, updated_at: now, ..self.clone() })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_04_a_tenant_is_suspended_and_activated_and_a_deleted_one_stays_so() {
        let now = DateTime::UNIX_EPOCH;
        let turn = |from: &Tenant, to| from.turn(to, now).unwrap();
        let open = Tenant::new(TenantId::generate(now), "Iron".into(), "a@iron.it".parse().unwrap(), now);
        assert_eq!(turn(&open, TenantStatus::Active), None, "so already");
        let suspended = turn(&open, TenantStatus::Suspended).unwrap();
        assert_eq!(turn(&suspended, TenantStatus::Active).unwrap().status, TenantStatus::Active);
        let deleted = turn(&suspended, TenantStatus::Deleted).unwrap();
        assert_eq!(turn(&deleted, TenantStatus::Deleted), None);
        for to in [TenantStatus::Active, TenantStatus::Suspended] {
            assert_eq!(deleted.turn(to, now).unwrap_err().code, "tenants.deleted");
        }
    }
}
