//! Deleting an override of an operator, so that the role decides again (RBA-04).

use crate::{
    DomainEvent, PlatformPermit,
    operators::{
        ChangeNote, Operator, Operators, UseCaseError, decide::change,
        domain_event::OperatorOverridesChanged, read_reason, set_override::read_pattern,
    },
    platform::ManageOperators,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::form::FormCheck;
use tryzore_kernel::{AuditEntry, Command, Journal, UserId};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("operators.clear_override");

/// Deletes the override of the operator `user` for `pattern`. Deleting an override that denies grants permissions
/// and deleting one that allows takes them, so the rules are the same as for setting one.
///
/// # Errors
/// As [`super::set_override()`]; [`UseCaseError::NotFound`] when there is no such override.
pub async fn clear_override<T: Operators + Journal>(
    permit: &PlatformPermit<ManageOperators>,
    tx: &mut T,
    user: UserId,
    pattern: &str,
    ChangeNote { reason, version }: ChangeNote,
    now: DateTime<Utc>,
) -> Result<Operator, UseCaseError> {
    let mut check = FormCheck::default();
    let pattern = check.take("/pattern", read_pattern(pattern));
    let reason = read_reason(&mut check, &reason);
    let (pattern, because) = check.finish(pattern.zip(reason))?;
    let touched: Vec<_> = pattern.entries().collect();
    let mut effect = None;
    let alter = |before: Option<&Operator>| {
        let before = before.ok_or(UseCaseError::NotFound("operator"))?;
        let (after, had) = before.without_override(&pattern)?.ok_or(UseCaseError::NotFound("override"))?;
        effect = Some(had);
        Ok(Some(after))
    };
    let changed = change(permit, tx, COMMAND, user, &touched, alter).await?;
    let Some((_, after)) = changed.of(version)? else { return changed.unchanged() };
    tx.operator_update(after).await?;
    tx.operator_overrides_delete(user, Some(&pattern)).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: user.uuid(),
        subject: Some(user),
        organizations: Vec::new(),
        details: json!({ "pattern": pattern.as_str(), "effect": effect, "reason": because }),
    });
    tx.event_publish(OperatorOverridesChanged(after.into()).published(now));
    Ok(after.clone())
}
