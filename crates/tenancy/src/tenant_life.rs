//! The platform suspends, activates and gives up tenants (TEN-04, TEN-11).

use crate::{DomainEvent, TenancyError, Tenant, TenantStatus, Tenants};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Journal, TenantId};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "tenants.turn";

/// Turns the tenant `id` to `status`, for `reason` (1 to 500 characters). It is so already:
/// nothing happens.
///
/// # Errors
/// [`TenancyError::NotFound`]; [`TenancyError::Invalid`] for the reason; [`TenancyError::Denied`]
/// with `tenants.deleted`.
pub async fn turn_tenant<T: Tenants + Journal>(
    tx: &mut T,
    id: TenantId,
    status: TenantStatus,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Tenant, TenancyError> {
    let mut faults = crate::field::Faults::default();
    let reason = faults.take("/reason", crate::field::text(reason, 500));
    let reason = faults.finish(reason)?;
    let before = tx.tenant_lock(id).await?.ok_or(TenancyError::NotFound("tenant"))?;
    let Some(after) =
        before.turn(status, now).map_err(|d| TenancyError::from(d).recorded(tx, COMMAND, id, None))?
    else {
        return Ok(before);
    };
    tx.tenant_update(&after).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND,
        target: id.uuid(),
        subject: None,
        organizations: Vec::new(),
        details: json!({ "from": before.status, "to": after.status, "reason": reason }),
    });
    DomainEvent::TenantTurned { tenant: id, status }.publish(tx, None, now);
    Ok(after)
}
