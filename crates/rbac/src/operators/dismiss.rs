//! Dismissing an operator (RBA-04): they lose all rights over the platform, and stay a user.

use crate::{
    DomainEvent, PlatformPermit,
    operators::{
        ChangeNote, Operator, Operators, UseCaseError, decide::change, domain_event::OperatorDismissed,
        note_of,
    },
    platform::ManageOperators,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, Journal, UserId};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("operators.dismiss");

/// Dismisses the operator `user`, whose overrides are deleted. When they were dismissed before, nothing happens and
/// the previous reason stays, whichever version was read.
///
/// # Errors
/// [`UseCaseError::Invalid`] for the reason; [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with one of
/// [`super::decide`]; [`UseCaseError::Stale`].
pub async fn dismiss<T: Operators + Journal>(
    permit: &PlatformPermit<ManageOperators>,
    tx: &mut T,
    user: UserId,
    ChangeNote { reason, version }: ChangeNote,
    now: DateTime<Utc>,
) -> Result<Operator, UseCaseError> {
    let note = note_of(permit, &reason, now)?;
    let alter =
        |before: Option<&Operator>| Ok(before.ok_or(UseCaseError::NotFound("operator"))?.dismissed(note));
    let changed = change(permit, tx, COMMAND, user, &[], alter).await?;
    let Some((before, after)) = changed.of(version)? else { return changed.unchanged() };
    tx.operator_update(after).await?;
    tx.operator_overrides_delete(user, None).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: user.uuid(),
        subject: Some(user),
        organizations: Vec::new(),
        details: json!({ "role": before.rights.role, "reason": after.because }),
    });
    tx.event_publish(OperatorDismissed(after.into()).published(now));
    Ok(after.clone())
}
