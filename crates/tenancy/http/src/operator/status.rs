//! The bodies and answers of the commands that set the status of a tenant.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{TenantId, UserId};
use tryzore_tenancy::{SetStatus, Tenant, TenantStatus};
use utoipa::ToSchema;

/// The reason for the new status of a tenant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusReason {
    /// The reason, which the owners of the tenant will read and the audit trail stores.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

impl StatusReason {
    /// The command to set the status `to`, for the `version` that the caller read.
    pub(super) fn set_status(self, to: TenantStatus, version: i32) -> SetStatus {
        SetStatus { to, reason: self.reason, version }
    }
}

/// The current status of a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TenantStatusView {
    /// The tenant.
    id: TenantId,
    /// `active`, `suspended` or `deleted`.
    #[schema(value_type = tryzore_tenancy::TenantStatus)]
    status: &'static str,
    /// When the status was set.
    since: DateTime<Utc>,
    /// The operator who set the status; null if it was never changed.
    by: Option<UserId>,
    /// The reason.
    because: Option<String>,
    /// The version, for `If-Match`.
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
