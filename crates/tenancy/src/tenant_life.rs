//! The platform suspends, activates and gives up tenants (TEN-04, TEN-11).
//!
//! It is told twice: in the platform's own log, as everything that operators do, and in the tenant's
//! audit trail, whose readers are to know who closed their door and why. What that means for whoever
//! is signed in follows from the row: sessions and keys are looked up together with it.

use crate::{
    DomainEvent, TenancyError, Tenant, TenantStatus, TenantTrail, Tenants,
    field::{Faults, text},
    tenant::Turned,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Denial, Journal, Matter, TenantId};
use tryzore_rbac::{PlatformPermit, platform::TurnTenants};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "tenants.turn";
/// The longest reason, in characters.
pub const REASON_MAX: usize = 500;

/// What an operator wants of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Where it is to stand.
    pub to: TenantStatus,
    /// Why, 1 to [`REASON_MAX`] characters; its owners read it.
    pub reason: String,
    /// The version that the operator has read.
    pub version: i32,
}

/// Turns the tenant `id`. Does it stand there already, nothing happens and the reason of then stays,
/// whichever version was read.
///
/// # Errors
/// [`TenancyError::NotFound`]; [`TenancyError::Invalid`] for the reason; [`TenancyError::Denied`]
/// with `tenants.deleted`, or `tenants.own` for the one that the operator is signed in to;
/// [`TenancyError::Stale`].
pub async fn turn_tenant<T: Tenants + TenantTrail + Journal>(
    permit: &PlatformPermit<TurnTenants>,
    tx: &mut T,
    id: TenantId,
    turn: Turn,
    now: DateTime<Utc>,
) -> Result<Tenant, TenancyError> {
    let mut faults = Faults::default();
    let reason = faults.take("/reason", text(&turn.reason, REASON_MAX));
    let because = faults.finish(reason)?;
    let before = tx.tenant_lock(id).await?.ok_or(TenancyError::NotFound("tenant"))?;
    let turned = Turned { at: now, by: permit.user(), because };
    let after = before.turn(turn.to, turned);
    let after = after.and_then(|after| after.map(|after| keep_open(permit, after)).transpose());
    let after = tx.decision_heed(Matter::new(COMMAND, id, None), after)?;
    let Some(after) = after else { return Ok(before) };
    if before.version != turn.version {
        return Err(TenancyError::Stale);
    }
    tx.tenant_turn(&after).await?;
    let reason = after.turned.as_ref().map(|turned| &turned.because);
    let entry = AuditEntry {
        action: COMMAND,
        target: id.uuid(),
        subject: None,
        organizations: Vec::new(),
        details: json!({ "from": before.status, "to": after.status, "reason": reason }),
    };
    tx.trail_append(id, entry.clone()).await?;
    tx.audit_append(entry);
    DomainEvent::TenantTurned { tenant: id, status: after.status }.publish(tx, None, now);
    Ok(after)
}

// Who closes the door behind herself cannot open it again: operators sign in like everyone else.
fn keep_open(permit: &PlatformPermit<TurnTenants>, after: Tenant) -> Result<Tenant, Denial> {
    if after.status == TenantStatus::Active || after.id != permit.tenant() {
        return Ok(after);
    }
    Err(Denial::state("tenants.own")
        .because("tenant", after.id)
        .because("session.tenant", permit.tenant())
        .remedy("You are signed in here and would lock yourself out. Do it signed in elsewhere.", None))
}

#[cfg(test)]
mod tests;
