//! A tenant makes a role of its own (RBA-03).

use crate::{
    Permit,
    catalogue::ManageRoles,
    manage::{ManageError, Role, RoleBook, RoleDraft, giving::check_holding, role::names},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Denial, Journal};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "rbac.create_role";

/// Makes a role. It may hold what its maker holds somewhere; giving it to someone is checked
/// again, for the place where it is given.
///
/// # Errors
/// [`ManageError::Denied`] with `rbac.give.exceeds_own` or `rbac.role.name_taken`.
pub async fn create_role<T: RoleBook + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    draft: RoleDraft,
    now: DateTime<Utc>,
) -> Result<Role, ManageError> {
    let role = Role::new(draft, now);
    if let Err(denial) = check_holding(permit.grants(), role.permissions()) {
        return Err(ManageError::from(denial).recorded(tx, COMMAND, role.id, None));
    }
    if !tx.role_insert(&role).await? {
        return Err(ManageError::from(name_taken(&role)).recorded(tx, COMMAND, role.id, None));
    }
    tx.audit_append(AuditEntry {
        action: COMMAND,
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
