//! Giving an operator another role (RBA-04). Overrides stay.

use crate::{
    DomainEvent, PlatformPermit, PlatformRole,
    operators::{
        ChangeNote, Operator, Operators, UseCaseError, decide::change, domain_event::OperatorRoleChanged,
        note_of,
    },
    platform::ManageOperators,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, Journal, UserId};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("operators.change_role");

/// Gives the operator `user` the role `role`. When they have it already, nothing happens, whichever version was
/// read.
///
/// # Errors
/// [`UseCaseError::Invalid`] for the reason; [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with
/// `operators.dismissed` or one of [`super::decide`]; [`UseCaseError::Stale`].
pub async fn change_role<T: Operators + Journal>(
    permit: &PlatformPermit<ManageOperators>,
    tx: &mut T,
    user: UserId,
    role: PlatformRole,
    ChangeNote { reason, version }: ChangeNote,
    now: DateTime<Utc>,
) -> Result<Operator, UseCaseError> {
    let note = note_of(permit, &reason, now)?;
    let alter = |before: Option<&Operator>| {
        Ok(before.ok_or(UseCaseError::NotFound("operator"))?.with_role(role, note)?)
    };
    let changed = change(permit, tx, COMMAND, user, &role.permissions(), alter).await?;
    let Some((before, after)) = changed.of(version)? else { return changed.unchanged() };
    tx.operator_update(after).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: user.uuid(),
        subject: Some(user),
        organizations: Vec::new(),
        details: json!({ "from": before.rights.role, "to": role, "reason": after.because }),
    });
    tx.event_publish(OperatorRoleChanged(after.into()).published(now));
    Ok(after.clone())
}
