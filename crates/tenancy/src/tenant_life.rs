//! Setting the status of a tenant: the platform suspends, reactivates and deletes tenants (TEN-04, TEN-11).
//!
//! A change of status is recorded twice: in the platform's own log, like everything that operators do, and
//! in the tenant's audit trail, whose readers need to know who changed the status and why. The effect on
//! signed-in people follows from the tenant's row: sessions and keys are looked up together with it.

use crate::{
    Tenant, TenantStatus, TenantTrail, Tenants, UseCaseError, domain_event::TenantStatusChanged,
    tenant::StatusChange,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::form::{FormCheck, line};
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, TenantId};
use tryzore_rbac::{DomainEvent, PlatformPermit, platform::SetTenantStatus};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("tenants.set_status");
/// The longest reason, in characters.
pub const REASON_MAX: usize = 500;

/// The request to set the status of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetStatus {
    /// The new status.
    pub to: TenantStatus,
    /// The reason, 1 to [`REASON_MAX`] characters; the owners of the tenant read it.
    pub reason: String,
    /// The version of the tenant that the operator has read.
    pub version: i32,
}

/// Sets the status of the tenant `id`. When the tenant has that status already, nothing happens and the
/// previous reason stays, whichever version was read.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Invalid`] for the reason; [`UseCaseError::Denied`]
/// with `tenants.deleted`, or `tenants.own` for the one that the operator is signed in to;
/// [`UseCaseError::Stale`].
pub async fn set_tenant_status<T: Tenants + TenantTrail + Journal>(
    permit: &PlatformPermit<SetTenantStatus>,
    tx: &mut T,
    id: TenantId,
    set_status: SetStatus,
    now: DateTime<Utc>,
) -> Result<Tenant, UseCaseError> {
    let mut check = FormCheck::default();
    let reason = check.take("/reason", line(&set_status.reason, 1, REASON_MAX));
    let because = check.finish(reason)?;
    let before = tx.tenant_lock(id).await?.ok_or(UseCaseError::NotFound("tenant"))?;
    let status_change = StatusChange { at: now, by: permit.user(), because };
    let after = before.set_status(set_status.to, status_change);
    let after = after.and_then(|after| after.map(|after| keep_open(permit, after)).transpose());
    let after = tx.record_if_denied(DecisionContext::new(COMMAND, id, None), after)?;
    let Some(after) = after else { return Ok(before) };
    if before.version != set_status.version {
        return Err(UseCaseError::Stale);
    }
    tx.tenant_set_status(&after).await?;
    let reason = after.status_change.as_ref().map(|status_change| &status_change.because);
    let entry = AuditEntry {
        action: COMMAND.name,
        target: id.uuid(),
        subject: None,
        organizations: Vec::new(),
        details: json!({ "from": before.status, "to": after.status, "reason": reason }),
    };
    tx.trail_append(id, entry.clone()).await?;
    tx.audit_append(entry);
    tx.event_publish(TenantStatusChanged { tenant: id, status: after.status }.published(now));
    Ok(after)
}

// An operator who suspends their own tenant could not sign in to reactivate it: operators sign in like
// everyone else.
fn keep_open(permit: &PlatformPermit<SetTenantStatus>, after: Tenant) -> Result<Tenant, Denial> {
    if after.status == TenantStatus::Active || after.id != permit.tenant() {
        return Ok(after);
    }
    Err(Denial::state("tenants.own")
        .because("tenant", after.id)
        .because("session.tenant", permit.tenant())
        .remedy("You are signed in here and would lock yourself out. Sign in to another tenant first.", None))
}

#[cfg(test)]
mod tests;
