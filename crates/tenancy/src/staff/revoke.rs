//! Revoking an invitation (ONB-09).

use super::{Invitation, Invitations, resend::lock};
use crate::{
    UseCaseError,
    domain_event::{InvitationRevoked, OfInvitation},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, InvitationId, Journal};
use tryzore_rbac::{DomainEvent, Permit, Slug, catalogue::ManageStaff, manage::HoldingsStore};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("staff.revoke").seen_by(Slug::MANAGE_STAFF.audience());

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
        action: COMMAND.name,
        target: id.uuid(),
        subject: None,
        organizations: after.organizations.clone(),
        details: json!({ "role": after.role }),
    });
    let revoked = OfInvitation { invitation: id, organization: after.primary() };
    tx.event_publish(InvitationRevoked(revoked).published(now));
    Ok(after)
}
