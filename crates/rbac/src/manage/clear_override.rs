//! What was given or taken by an override is undone: roles decide again.

use crate::{
    Effect, Pattern, Permit,
    catalogue::ManageRoles,
    manage::{
        GrantsChanged, HoldingsStore, OverrideStore, PermissionOverride, UseCaseError,
        set_override::check_change,
    },
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Journal, OrganizationId, UserId};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "rbac.clear_override";

/// Undoes the override of `user` for `pattern` at `organization` (everywhere: none). Undoing a
/// refusal gives and undoing a gift takes, so the same rules hold as for setting one.
///
/// # Errors
/// As [`super::set_override()`]; [`UseCaseError::NotFound`] when there is none.
pub async fn clear_override<T: OverrideStore + HoldingsStore + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    user: UserId,
    pattern: Pattern,
    organization: Option<OrganizationId>,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let permission_override = PermissionOverride {
        user,
        pattern,
        effect: Effect::Allow,
        organization,
        reason: String::new(),
        created_at: now,
    };
    let tree = check_change(permit, tx, COMMAND, &permission_override).await?;
    if !tx.override_delete(user, &permission_override.pattern, organization).await? {
        return Err(UseCaseError::NotFound("override"));
    }
    tx.audit_append(AuditEntry {
        action: COMMAND,
        target: user.uuid(),
        subject: Some(user),
        organizations: tree,
        details: json!({ "pattern": permission_override.pattern.as_str() }),
    });
    GrantsChanged::publish(user, tx, now);
    Ok(())
}
