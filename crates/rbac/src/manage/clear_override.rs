//! Deleting an override, so that roles decide again.

use crate::{
    Effect, Pattern, Permit, Slug,
    catalogue::ManageRoles,
    manage::{
        GrantsChanged, HoldingsStore, OverrideStore, PermissionOverride, UseCaseError,
        set_override::check_change,
    },
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, Journal, OrganizationId, UserId};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("overrides.clear").seen_by(Slug::MANAGE_STAFF.audience());

/// Deletes the override of `user` for `pattern` at `organization` (`None` means every location). Deleting a
/// deny override grants permissions and deleting an allow override takes them, so the same rules apply as
/// for setting an override.
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
        expires_at: None,
    };
    let tree = check_change(permit, tx, COMMAND, &permission_override).await?;
    if !tx.override_delete(user, &permission_override.pattern, organization).await? {
        return Err(UseCaseError::NotFound("override"));
    }
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: user.uuid(),
        subject: Some(user),
        organizations: tree,
        details: json!({ "pattern": permission_override.pattern.as_str() }),
    });
    GrantsChanged::publish(user, tx, now);
    Ok(())
}
