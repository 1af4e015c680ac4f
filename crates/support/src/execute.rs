//! Whoever proposed an override executes it, if the state is still the one of the preview.

use crate::{
    Kinds, ManualOverride, Overrides, UseCaseError,
    domain_event::{OverrideChanged, OverrideExecuted},
    permission::ManualOverrides,
    propose::{keep_step, person},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Command, DecisionContext, Fact, Journal, OverrideId};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions and in the audit trail.
pub const COMMAND: Command = Command::new("manual_overrides.execute").seen_by(Slug::MANAGE_ROLES.audience());

/// Makes the change of the proposal `id`.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`ManualOverride::check_execution`] and
/// [`ManualOverride::check_preview`] say, or as the domain that owns the data says.
pub async fn execute<T: Overrides + Kinds + Journal>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    id: OverrideId,
    now: DateTime<Utc>,
) -> Result<ManualOverride, UseCaseError> {
    let before = open(permit, tx, id).await?;
    let by = person(permit.actor())?;
    let context = DecisionContext::new(COMMAND, id, before.preview.organization);
    tx.record_if_denied(context, before.check_execution(by, now))?;
    let again = tx.change_preview(&before.kind, &before.preview.target, &before.change, now).await;
    let again = tx.record_if_denied(context, again)?;
    tx.record_if_denied(context, before.check_preview(&again))?;
    let undo = tx.change_execute(&before, now).await?;
    let after = before.executed(undo, now);
    tx.override_update(&after).await?;
    tx.decision_record(context.allowed(vec![
        Fact::new("override.kind", &after.kind),
        Fact::new("override.target", &after.preview.target),
        Fact::new("state.before", &after.preview.before),
        Fact::new("state.after", &after.preview.after),
        Fact::new("override.reason", &after.reason),
    ]));
    let event = OverrideExecuted(OverrideChanged::of(&after, Some(by))).published(now);
    keep_step(tx, COMMAND, &after, Some(by), event, now).await?;
    Ok(after)
}

/// The override `id`, locked, if the caller may set rules aside at its location.
pub(crate) async fn open<T: Overrides>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    id: OverrideId,
) -> Result<ManualOverride, UseCaseError> {
    let it = tx.override_open(id).await?.ok_or(UseCaseError::NotFound("override"))?;
    permit.require_at(it.preview.organization, "override")?;
    Ok(it)
}
