//! What the commands that set the status of a tenant share.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_kernel::{Problem, TenantId};
use tryzore_postgres::PlatformTx;
use tryzore_rbac::{PlatformPermit, platform::SetTenantStatus};
use tryzore_tenancy::{SetStatus, TenantStatus, set_tenant_status};
use tryzore_tenancy_postgres::{Tenancy, tenant_views::TenantDetail};
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

/// Sets the status of the `tenant` in one transaction with reading it again.
///
/// # Errors
/// Those of [`set_tenant_status`].
pub(super) async fn set_status(
    permit: &PlatformPermit<SetTenantStatus>,
    tx: &mut PlatformTx,
    tenant: TenantId,
    set_status: SetStatus,
    now: DateTime<Utc>,
) -> Result<TenantDetail, Problem> {
    set_tenant_status(permit, &mut tx.tenancy(), tenant, set_status, now).await?;
    tx.tenancy().tenant_detail(tenant).await?.ok_or_else(|| Problem::not_found("tenant"))
}
