//! Sending an invitation again (ONB-09).

use super::{Invitation, Invitations, delegation::check_can_assign};
use crate::{
    UseCaseError,
    domain_event::{InvitationDue, OfInvitation},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, InvitationId, Journal, OrganizationId};
use tryzore_rbac::{
    DomainEvent, Permit, Slug,
    catalogue::ManageStaff,
    manage::{HoldingsStore, RoleStore},
};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("staff.resend").seen_by(Slug::MANAGE_STAFF.audience());

/// Sends the invitation `id` again, with a new link that is valid for seven days. Sending an invitation
/// again counts as granting the role that it offers.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `staff.invitation.*` or
/// `rbac.give.exceeds_own`.
pub async fn resend<T: Invitations + RoleStore + HoldingsStore + Journal>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    id: InvitationId,
    now: DateTime<Utc>,
) -> Result<Invitation, UseCaseError> {
    let before = lock(permit, tx, id).await?;
    let role = tx.role_share(before.role).await?.ok_or(UseCaseError::NotFound("role"))?;
    let tree = tx.organization_tree().await?;
    for at in &before.organizations {
        tx.record_if_denied(
            DecisionContext::new(COMMAND, id, *at),
            check_can_assign(permit, &role, *at, &tree),
        )?;
    }
    let after = tx.record_if_denied(
        DecisionContext::new(COMMAND, id, before.primary()),
        before.resend(permit.actor().user(), now),
    )?;
    tx.invitation_update(&after).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: id.uuid(),
        subject: None,
        organizations: after.organizations.clone(),
        details: json!({ "sent_count": after.sent_count }),
    });
    let due = OfInvitation { invitation: id, organization: after.primary() };
    tx.event_publish(InvitationDue(due).published(now));
    Ok(after)
}

/// Finds and locks the invitation `id`, if the caller manages staff at every open location of the
/// invitation. An invitation whose locations are all closed can be managed by anyone who manages staff
/// anywhere.
pub(super) async fn lock<T: Invitations + HoldingsStore>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    id: InvitationId,
) -> Result<Invitation, UseCaseError> {
    let invitation = tx.invitation_lock(id).await?.ok_or(UseCaseError::NotFound("invitation"))?;
    let tree = tx.organization_tree().await?;
    let is_open = |at: &&OrganizationId| tree.iter().any(|node| node.organization == **at);
    for at in invitation.organizations.iter().filter(is_open) {
        permit.require_at(*at, "invitation")?;
    }
    Ok(invitation)
}
