//! Revoking an invitation (ONB-09).

use super::{Invitation, Invitations, resend::lock};
use crate::{DomainEvent, UseCaseError};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, DecisionContext, InvitationId, Journal};
use tryzore_rbac::{Permit, catalogue::ManageStaff, manage::HoldingsStore};

/// The name of the command in decisions and in the audit trail.
pub const COMMAND: &str = "staff.revoke";

/// Revokes the invitation `id`: its link is no longer valid.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `staff.invitation.*`.
pub async fn revoke<T: Invitations + HoldingsStore + Journal>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    id: InvitationId,
    now: DateTime<Utc>,
) -> Result<Invitation, UseCaseError> {
    let before = lock(permit, tx, id).await?;
    let after =
        tx.record_if_denied(DecisionContext::new(COMMAND, id, before.primary()), before.revoke(now))?;
    tx.invitation_update(&after).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND,
        target: id.uuid(),
        subject: None,
        organizations: after.organizations.clone(),
        details: json!({ "role": after.role }),
    });
    DomainEvent::InvitationRevoked { invitation: id }.publish(tx, after.primary(), now);
    Ok(after)
}
