//! An invitation is sent again (ONB-09).

use super::{Invitation, Invitations, giving::check_give};
use crate::{DomainEvent, TenancyError};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, InvitationId, Journal, Matter, OrganizationId};
use tryzore_rbac::{
    Permit,
    catalogue::ManageStaff,
    manage::{RoleBook, Standings},
};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "staff.resend";

/// Sends the invitation `id` again: seven more days, with a new link. Whoever sends it again gives
/// what it offers.
///
/// # Errors
/// [`TenancyError::NotFound`]; [`TenancyError::Denied`] with `staff.invitation.*` or
/// `rbac.give.exceeds_own`.
pub async fn resend<T: Invitations + RoleBook + Standings + Journal>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    id: InvitationId,
    now: DateTime<Utc>,
) -> Result<Invitation, TenancyError> {
    let before = lock(permit, tx, id).await?;
    let role = tx.role_share(before.role).await?.ok_or(TenancyError::NotFound("role"))?;
    let places = tx.places_all().await?;
    for at in &before.organizations {
        tx.decision_heed(Matter::new(COMMAND, id, *at), check_give(permit, &role, *at, &places))?;
    }
    let after = tx.decision_heed(Matter::new(COMMAND, id, before.primary()), before.resend(now))?;
    tx.invitation_update(&after).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND,
        target: id.uuid(),
        subject: None,
        organizations: after.organizations.clone(),
        details: json!({ "sent_count": after.sent_count }),
    });
    DomainEvent::InvitationDue { invitation: id }.publish(tx, after.primary(), now);
    Ok(after)
}

/// The invitation `id`, held, if the caller manages staff at every open location that it is for. One to
/// closed locations only is the business of whoever manages staff anywhere.
pub(super) async fn lock<T: Invitations + Standings>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    id: InvitationId,
) -> Result<Invitation, TenancyError> {
    let invitation = tx.invitation_lock(id).await?.ok_or(TenancyError::NotFound("invitation"))?;
    let places = tx.places_all().await?;
    let is_open = |at: &&OrganizationId| places.iter().any(|place| place.organization == **at);
    for at in invitation.organizations.iter().filter(is_open) {
        permit.at(*at).map_err(|beyond| TenancyError::beyond("invitation", beyond))?;
    }
    Ok(invitation)
}
