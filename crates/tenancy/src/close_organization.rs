//! Closing a location for good (TEN-03).

use crate::{
    Organization, Organizations, Schedule, UseCaseError,
    create_organization::seers,
    domain_event::{InvitationRevoked, OfInvitation, OfOrganization, OrganizationClosed},
    edit_organization::lock,
    permission::DeleteOrganization,
    staff::{InvitationState, Invitations},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, InvitationId, Journal, OrganizationId};
use tryzore_rbac::{
    DomainEvent, Permit, Slug,
    manage::{GrantsChanged, HoldingsStore},
};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("organizations.close").seen_by(Slug::MANAGE_STAFF.audience());

/// Closes the location `id`, whose version the caller read as `expected`. The history of the location
/// stays, but no session can be at the location any more and nobody can be invited to it: open invitations
/// lose the location, and invitations that were for no other location are revoked.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Stale`]; [`UseCaseError::Denied`] with
/// `organizations.closed` or `organizations.close.*`.
pub async fn close_organization<T: Organizations + Schedule + Invitations + HoldingsStore + Journal>(
    permit: &Permit<DeleteOrganization>,
    tx: &mut T,
    id: OrganizationId,
    expected: i32,
    now: DateTime<Utc>,
) -> Result<Organization, UseCaseError> {
    let (tree, before) = lock(permit, tx, id, expected).await?;
    let commitments = tx.schedule_commitments(id, now).await?;
    let after =
        tx.record_if_denied(DecisionContext::new(COMMAND, id, id), before.close(&tree, &commitments, now))?;
    let felt = seers(tx, &[id]).await?;
    tx.organization_update(&after).await?;
    let revoked = end_invitations(tx, id, now).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: id.uuid(),
        subject: None,
        organizations: vec![id],
        details: json!({ "name": after.name, "invitations_revoked": revoked }),
    });
    tx.event_publish(OrganizationClosed(OfOrganization { organization: id }).published(now));
    GrantsChanged::publish_all(felt, tx, now);
    Ok(after)
}

/// Removes `organization` from the open invitations. Returns those that were revoked because no location is
/// left.
async fn end_invitations<T: Invitations + Journal>(
    tx: &mut T,
    organization: OrganizationId,
    now: DateTime<Utc>,
) -> Result<Vec<InvitationId>, UseCaseError> {
    let mut revoked = Vec::new();
    for pending in tx.invitation_lock_pending_at(organization).await? {
        let after = pending.without(organization, now)?;
        tx.invitation_update(&after).await?;
        if after.state != InvitationState::Pending {
            let lost = OfInvitation { invitation: after.id, organization: Some(organization) };
            tx.event_publish(InvitationRevoked(lost).published(now));
            revoked.push(after.id);
        }
    }
    Ok(revoked)
}
