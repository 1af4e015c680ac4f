//! An invitation is taken back (ONB-09).

use super::{Invitation, Invitations, resend::lock};
use crate::{DomainEvent, UseCaseError};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, DecisionContext, InvitationId, Journal};
use tryzore_rbac::{Permit, catalogue::ManageStaff, manage::HoldingsStore};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "staff.revoke";

/// Takes the invitation `id` back: its link works no more.
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
