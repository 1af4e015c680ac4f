//! What the commands that turn a tenant are sent, and answer.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{TenantId, UserId};
use tryzore_tenancy::{SetStatus, Tenant, TenantStatus};
use utoipa::ToSchema;

/// Why a tenant is turned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusReason {
    /// What the owners of the tenant will read, and its audit trail keeps.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

impl StatusReason {
    /// To `to`, of the `version` that was read.
    pub(super) fn set_status(self, to: TenantStatus, version: i32) -> SetStatus {
        SetStatus { to, reason: self.reason, version }
    }
}

/// Where a tenant stands now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TenantStatusView {
    /// The tenant.
    id: TenantId,
    /// `active`, `suspended` or `deleted`.
    #[schema(value_type = tryzore_tenancy::TenantStatus)]
    status: &'static str,
    /// Since when.
    since: DateTime<Utc>,
    /// Which operator turned it there; null for one that stands as it was opened.
    by: Option<UserId>,
    /// Why.
    because: Option<String>,
    /// For `If-Match`.
    pub(super) version: i32,
}

impl From<Tenant> for TenantStatusView {
    fn from(tenant: Tenant) -> Self {
        let (since, by) =
            (tenant.since(), tenant.status_change.as_ref().map(|status_change| status_change.by));
        let because = tenant.status_change.map(|status_change| status_change.because);
        Self { id: tenant.id, status: tenant.status.as_str(), since, by, because, version: tenant.version }
    }
}
