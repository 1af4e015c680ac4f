//! Deleting a role of a tenant.

use crate::{
    Permit, Slug,
    catalogue::ManageRoles,
    manage::{RoleStore, UseCaseError, role::names},
};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, RoleId};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("roles.delete").seen_by(Slug::MANAGE_STAFF.audience());

/// Deletes the role `id`, whose version the caller read as `expected`.
///
/// # Errors
/// [`UseCaseError::Stale`]; [`UseCaseError::Denied`] with `rbac.role.preset` or `rbac.role.in_use`;
/// [`UseCaseError::NotFound`].
pub async fn delete_role<T: RoleStore + Journal>(
    _permit: &Permit<ManageRoles>,
    tx: &mut T,
    id: RoleId,
    expected: i32,
) -> Result<(), UseCaseError> {
    let role = tx.role_lock(id).await?.ok_or(UseCaseError::NotFound("role"))?;
    if role.version != expected {
        return Err(UseCaseError::Stale);
    }
    let decision = DecisionContext::new(COMMAND, id, None);
    tx.record_if_denied(decision, role.check_own())?;
    let (holders, offers) = (tx.role_holders(id).await?.len(), tx.role_offers(id).await?.len());
    if holders > 0 || offers > 0 {
        let denial = Denial::state("rbac.role.in_use")
            .because("role.assignments", holders)
            .because("role.invitations", offers)
            .remedy(
                "Assign another role to these people and revoke the invitations, then delete the role.",
                None,
            );
        tx.record_if_denied(decision, Err(denial))?;
    }
    tx.role_delete(id).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: id.uuid(),
        subject: None,
        organizations: Vec::new(),
        details: json!({ "name": role.name, "permissions": names(role.permissions()) }),
    });
    Ok(())
}
