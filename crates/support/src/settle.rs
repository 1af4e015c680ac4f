//! How an override ends: a second person confirms it, somebody takes it back, or the product does when time is over.

use crate::{
    Kinds, ManualOverride, OverrideStatus, Overrides, UseCaseError,
    domain_event::{OverrideChanged, OverrideConfirmed, OverrideRevertFailed, OverrideReverted},
    execute::open,
    permission::ManualOverrides,
    propose::{expire, keep_step, person},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Command, DecisionContext, Fact, Journal, OverrideId};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// The command that confirms, in recorded decisions and in the audit trail.
pub const CONFIRM: Command = Command::new("manual_overrides.confirm").seen_by(Slug::MANAGE_ROLES.audience());
/// The command that takes a change back, in recorded decisions and in the audit trail.
pub const REVERT: Command = Command::new("manual_overrides.revert").seen_by(Slug::MANAGE_ROLES.audience());
/// A change that could not be taken back by itself, in the audit trail.
pub const REVERT_FAILED: Command =
    Command::new("manual_overrides.revert_failed").seen_by(Slug::MANAGE_ROLES.audience());

/// Confirms the override `id`: its change stays.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`ManualOverride::check_confirmation`] says.
pub async fn confirm<T: Overrides + Journal>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    id: OverrideId,
    now: DateTime<Utc>,
) -> Result<ManualOverride, UseCaseError> {
    let before = open(permit, tx, id).await?;
    let by = person(permit.actor())?;
    let at = before.preview.organization;
    let others = match by == before.proposed_by {
        true => tx.people_who_may(at, by).await?,
        // Another person: how many others there are decides nothing.
        false => 0,
    };
    let context = DecisionContext::new(CONFIRM, id, at);
    tx.record_if_denied(context, before.check_confirmation(by, others, now))?;
    let after = before.settled(OverrideStatus::Confirmed, Some(by), now);
    tx.override_update(&after).await?;
    tx.decision_record(context.allowed(vec![
        Fact::new("override.executed_by", after.proposed_by),
        Fact::new("people.who_may_confirm", others),
    ]));
    let event = OverrideConfirmed(OverrideChanged::of(&after, Some(by))).published(now);
    keep_step(tx, CONFIRM, &after, Some(by), event, now).await?;
    Ok(after)
}

/// Takes the change of the override `id` back.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`ManualOverride::check_settling`] says, or when the domain
/// that owns the data can't take the change back.
pub async fn revert<T: Overrides + Kinds + Journal>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    id: OverrideId,
    now: DateTime<Utc>,
) -> Result<ManualOverride, UseCaseError> {
    let before = open(permit, tx, id).await?;
    person(permit.actor())?;
    let context = DecisionContext::new(REVERT, id, before.preview.organization);
    tx.record_if_denied(context, before.check_settling())?;
    let undone = tx.change_revert(&before, now).await;
    tx.record_if_denied(context, undone)?;
    reverted(permit, tx, before, now).await
}

/// Ends the override `id` if its time is over: a proposal expires, and a change that nobody confirmed is taken back.
/// Doing it again changes nothing. When the domain that owns the data refuses, the override says so from then on.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Store`].
pub async fn settle_due<T: Overrides + Kinds + Journal>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    id: OverrideId,
    now: DateTime<Utc>,
) -> Result<ManualOverride, UseCaseError> {
    let it = open(permit, tx, id).await?;
    if it.has_expired(now) {
        return expire(tx, it, now).await;
    }
    if !it.is_overdue(now) {
        return Ok(it);
    }
    let code = match tx.change_revert(&it, now).await {
        Ok(()) => return reverted(permit, tx, it, now).await,
        Err(UseCaseError::Denied(denial)) => {
            let context = DecisionContext::new(REVERT, id, it.preview.organization);
            tx.decision_record(context.denied(&denial));
            denial.code.into_owned()
        }
        Err(UseCaseError::NotFound(what)) => format!("not_found: {what}"),
        Err(error) => return Err(error),
    };
    let after = it.revert_failed(code);
    tx.override_update(&after).await?;
    let event = OverrideRevertFailed(OverrideChanged::of(&after, None)).published(now);
    keep_step(tx, REVERT_FAILED, &after, None, event, now).await?;
    Ok(after)
}

async fn reverted<T: Overrides + Journal>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    before: ManualOverride,
    now: DateTime<Utc>,
) -> Result<ManualOverride, UseCaseError> {
    let by = permit.actor().user();
    let after = before.settled(OverrideStatus::Reverted, by, now);
    tx.override_update(&after).await?;
    let event = OverrideReverted(OverrideChanged::of(&after, by)).published(now);
    keep_step(tx, REVERT, &after, by, event, now).await?;
    Ok(after)
}
