//! Granting a permission to or taking it from one operator by an override (RBA-04).

use crate::{
    DomainEvent, Effect, Pattern, PlatformOverride, PlatformPermit, PlatformSlug,
    operators::{
        Note, Operator, Operators, UseCaseError, decide::change, domain_event::OperatorOverridesChanged,
        read_reason,
    },
    platform::ManageOperators,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::form::FormCheck;
use tryzore_kernel::{AuditEntry, Command, Journal, UserId};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("operators.set_override");

/// An override as a caller sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorOverrideForm {
    /// The slug or the wildcard.
    pub pattern: String,
    /// The effect.
    pub effect: Effect,
    /// The reason: 1 to [`super::REASON_MAX`] characters.
    pub reason: String,
    /// The version of the operator that was read.
    pub version: i32,
}

/// Sets an override of the operator `user`, in place of one for the same pattern. When they have it already,
/// nothing happens, whichever version was read.
///
/// # Errors
/// [`UseCaseError::Invalid`]; [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `operators.dismissed` or
/// one of [`super::decide`]; [`UseCaseError::Stale`].
pub async fn set_override<T: Operators + Journal>(
    permit: &PlatformPermit<ManageOperators>,
    tx: &mut T,
    user: UserId,
    form: OperatorOverrideForm,
    now: DateTime<Utc>,
) -> Result<Operator, UseCaseError> {
    let OperatorOverrideForm { pattern, effect, reason, version } = form;
    let mut check = FormCheck::default();
    let pattern = check.take("/pattern", read_pattern(&pattern));
    let reason = read_reason(&mut check, &reason);
    let (pattern, because) = check.finish(pattern.zip(reason))?;
    let touched: Vec<_> = pattern.entries().collect();
    let set = PlatformOverride { pattern, effect };
    let alter = |before: Option<&Operator>| {
        Ok(before.ok_or(UseCaseError::NotFound("operator"))?.with_override(&set)?)
    };
    let changed = change(permit, tx, COMMAND, user, &touched, alter).await?;
    let Some((_, after)) = changed.of(version)? else { return changed.unchanged() };
    let note = Note { at: now, by: permit.user(), because };
    tx.operator_update(after).await?;
    tx.operator_override_put(user, &set, &note).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: user.uuid(),
        subject: Some(user),
        organizations: Vec::new(),
        details: json!({ "pattern": set.pattern.as_str(), "effect": effect, "reason": note.because }),
    });
    tx.event_publish(OperatorOverridesChanged(after.into()).published(now));
    Ok(after.clone())
}

/// Reads a pattern of the platform's catalogue.
pub(super) fn read_pattern(text: &str) -> Result<Pattern<PlatformSlug>, String> {
    text.parse::<Pattern<PlatformSlug>>().map_err(|bad| bad.to_string())
}
