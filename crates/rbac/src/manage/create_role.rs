//! Creating a role of a tenant (RBA-03).

use crate::{
    Permit, Slug,
    catalogue::ManageRoles,
    manage::{Role, RoleDraft, RoleStore, UseCaseError, delegation::check_holding, role::names},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("roles.create").seen_by(Slug::MANAGE_STAFF.audience());

/// Creates a role. It may contain the permissions that its creator holds somewhere; assigning the role is
/// checked again, for the location where it is assigned.
///
/// # Errors
/// [`UseCaseError::Denied`] with `rbac.give.exceeds_own` or `rbac.role.name_taken`.
pub async fn create_role<T: RoleStore + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    draft: RoleDraft,
    now: DateTime<Utc>,
) -> Result<Role, UseCaseError> {
    let role = Role::new(draft, now);
    let decision = DecisionContext::new(COMMAND, role.id, None);
    tx.record_if_denied(decision, check_holding(permit.grants(), role.permissions()))?;
    if !tx.role_insert(&role).await? {
        tx.record_if_denied(decision, Err(name_taken(&role)))?;
    }
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: role.id.uuid(),
        subject: None,
        organizations: Vec::new(),
        details: json!({ "name": role.name, "scope": role.scope, "permissions": names(role.permissions()) }),
    });
    Ok(role)
}

pub(super) fn name_taken(role: &Role) -> Denial {
    Denial::state("rbac.role.name_taken")
        .because("role.name", &role.name)
        .remedy("Choose another name.", None)
}
