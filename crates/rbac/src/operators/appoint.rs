//! Appointing an operator (RBA-04): a user who has proven their address gets a role.

use crate::{
    DomainEvent, PlatformPermit, PlatformRole,
    operators::{
        Note, Operator, Operators, UseCaseError, decide::change, domain_event::OperatorAppointed, read_reason,
    },
    platform::ManageOperators,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::form::FormCheck;
use tryzore_kernel::{AuditEntry, Command, Decision, Denial, Email, Journal, contact::ContactError};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("operators.appoint");

/// Whom to appoint, as what and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// The email address of the user.
    pub email: String,
    /// The role.
    pub role: PlatformRole,
    /// The reason: 1 to [`super::REASON_MAX`] characters.
    pub reason: String,
}

/// Appoints the user with the address of `appointment`, for the first time or again.
///
/// # Errors
/// [`UseCaseError::Invalid`]; [`UseCaseError::Denied`] with `operators.appoint.unknown_user`,
/// `operators.appoint.already`, or one of [`super::decide`].
pub async fn appoint<T: Operators + Journal>(
    permit: &PlatformPermit<ManageOperators>,
    tx: &mut T,
    appointment: Appointment,
    now: DateTime<Utc>,
) -> Result<Operator, UseCaseError> {
    let Appointment { email, role, reason } = appointment;
    let mut check = FormCheck::default();
    let email = check.take("/email", email.parse::<Email>().map_err(|error: ContactError| error.to_string()));
    let reason = read_reason(&mut check, &reason);
    let (email, because) = check.finish(email.zip(reason))?;
    let Some(user) = tx.user_find(&email).await? else {
        let unknown = unknown_user();
        tx.decision_record(Decision::denied(COMMAND, permit.user(), &unknown));
        return Err(unknown.into());
    };
    let alter = |before: Option<&Operator>| {
        let note = Note { at: now, by: permit.user(), because: because.clone() };
        Ok(Some(match before {
            Some(before) => before.appointed_again(role, note)?,
            None => Operator::appointed(user, role, note),
        }))
    };
    let given = role.permissions();
    let changed = change(permit, tx, COMMAND, user, &given, alter).await?;
    let (before, Some(operator)) = (changed.before, changed.after) else { return Err(UseCaseError::Stale) };
    if before.is_some() {
        tx.operator_update(&operator).await?;
    } else if !tx.operator_insert(&operator).await? {
        // Someone else has appointed the user meanwhile, and is found now.
        change(permit, tx, COMMAND, user, &given, alter).await?;
        return Err(UseCaseError::Stale);
    }
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: user.uuid(),
        subject: Some(user),
        organizations: Vec::new(),
        details: json!({ "role": role, "reason": operator.because }),
    });
    tx.event_publish(OperatorAppointed((&operator).into()).published(now));
    Ok(operator)
}

// The same for an address that nobody has and for one that nobody has proven.
fn unknown_user() -> Denial {
    Denial::state("operators.appoint.unknown_user")
        .because("email.verified", false)
        .remedy("Have them sign up and follow the link of the mail first.", Some("register_user"))
}
