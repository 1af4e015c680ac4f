//! A location closes for good (TEN-03).

use crate::{
    DomainEvent, Organization, Organizations, Schedule, UseCaseError,
    create_organization::seers,
    edit_organization::lock,
    permission::DeleteOrganization,
    staff::{InvitationState, Invitations},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, DecisionContext, InvitationId, Journal, OrganizationId};
use tryzore_rbac::{
    Permit,
    manage::{GrantsChanged, HoldingsStore},
};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "organizations.close";

/// Closes the location `id`, whose version the caller read as `expected`. What happened there
/// stays; nobody can be there any more. Nobody can be invited there either: open invitations lose the
/// location, and those that were for no other are taken back.
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
        action: COMMAND,
        target: id.uuid(),
        subject: None,
        organizations: vec![id],
        details: json!({ "name": after.name, "invitations_revoked": revoked }),
    });
    DomainEvent::OrganizationClosed { organization: id }.publish(tx, Some(id), now);
    GrantsChanged::publish_all(felt, tx, now);
    Ok(after)
}

/// Takes `organization` out of the open invitations; those that were taken back because nothing is left.
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
            DomainEvent::InvitationRevoked { invitation: after.id }.publish(tx, Some(organization), now);
            revoked.push(after.id);
        }
    }
    Ok(revoked)
}
