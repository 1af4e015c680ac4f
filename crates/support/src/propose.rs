//! Somebody proposes to set a rule aside, and sees what it would do.

use crate::{
    Kinds, ManualOverride, OverrideForm, OverrideStatus, OverrideStep, Overrides, UseCaseError,
    domain_event::{OverrideChanged, OverrideExpired, OverrideProposed},
    permission::ManualOverrides,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{
    AuditEntry, Command, DecisionContext, Denial, Journal, Published, UserId, id::digits_of,
};
use tryzore_rbac::{Actor, DomainEvent, Permit, Slug, grants::person_required};
use uuid::Uuid;

/// This command, in recorded decisions and in the audit trail.
pub const COMMAND: Command = Command::new("manual_overrides.propose").seen_by(Slug::MANAGE_ROLES.audience());
/// The end of a proposal that nobody executed, in the audit trail.
pub const EXPIRE: Command = Command::new("manual_overrides.expire").seen_by(Slug::MANAGE_ROLES.audience());

/// Proposes the change of `form`, with a preview. Nothing changes yet.
///
/// # Errors
/// [`UseCaseError::Invalid`]; [`UseCaseError::NotFound`]; the denials of the domain that owns the data;
/// `support.override.open` while its target has an open override.
pub async fn propose<T: Overrides + Kinds + Journal>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    form: OverrideForm,
    now: DateTime<Utc>,
) -> Result<ManualOverride, UseCaseError> {
    let by = person(permit.actor())?;
    let checked = form.check()?;
    let preview = form.preview(tx, now).await;
    let preview = tx.record_if_denied(DecisionContext::new(COMMAND, object(&form.target), None), preview)?;
    permit.require_at(preview.organization, "override target")?;
    let proposal = ManualOverride::propose(form, checked, preview, by, now);
    let (target, subject) = (&proposal.preview.target, proposal.preview.subject);
    if let Some(open) = tx.override_open_on(target, subject).await? {
        let context = DecisionContext::new(COMMAND, open.id, open.preview.organization);
        tx.record_if_denied(context, check_free(&open, now))?;
        expire(tx, open, now).await?;
    }
    if !tx.override_insert(&proposal).await? {
        // Somebody else was faster by a moment.
        let context = DecisionContext::new(COMMAND, object(target), proposal.preview.organization);
        tx.record_if_denied(context, Err::<(), _>(already_open(None)))?;
    }
    let event = OverrideProposed(OverrideChanged::of(&proposal, Some(by))).published(now);
    keep_step(tx, COMMAND, &proposal, Some(by), event, now).await?;
    Ok(proposal)
}

/// Ends a proposal that was not executed in time.
pub(crate) async fn expire<T: Overrides + Journal>(
    tx: &mut T,
    it: ManualOverride,
    now: DateTime<Utc>,
) -> Result<ManualOverride, UseCaseError> {
    let after = it.settled(OverrideStatus::Expired, None, now);
    tx.override_update(&after).await?;
    let event = OverrideExpired(OverrideChanged::of(&after, None)).published(now);
    keep_step(tx, EXPIRE, &after, None, event, now).await?;
    Ok(after)
}

/// The id in the text of a target, under which a refusal is recorded.
fn object(target: &str) -> Uuid {
    target.rsplit('_').next().and_then(digits_of).unwrap_or_default()
}

/// The person who acts.
pub(crate) fn person(actor: Actor) -> Result<UserId, UseCaseError> {
    actor.user().ok_or_else(|| UseCaseError::Denied(person_required(actor)))
}

/// Appends a step to the log of `it` and to the audit trail, and publishes its event.
pub(crate) async fn keep_step<T: Overrides + Journal>(
    tx: &mut T,
    command: Command,
    it: &ManualOverride,
    by: Option<UserId>,
    event: Published,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let details = json!({
        "kind": it.kind, "target": it.preview.target, "change": it.change, "before": it.preview.before,
        "after": it.preview.after, "reason": it.reason, "status": it.status,
        "confirm_by": it.executed.as_ref().map(|executed| executed.confirm_by), "failure": it.failure,
    });
    let step = command.name.split_once('.').map_or(command.name, |(_, verb)| verb);
    tx.step_append(OverrideStep {
        id: it.id,
        version: it.version,
        step,
        by,
        at: now,
        details: details.clone(),
    })
    .await?;
    tx.audit_append(AuditEntry {
        action: command.name,
        target: it.id.uuid(),
        subject: it.preview.subject,
        organizations: vec![it.preview.organization],
        details,
    });
    tx.event_publish(event);
    Ok(())
}

fn check_free(open: &ManualOverride, now: DateTime<Utc>) -> Result<(), Denial> {
    if open.has_expired(now) { Ok(()) } else { Err(already_open(Some(open))) }
}

fn already_open(open: Option<&ManualOverride>) -> Denial {
    Denial::state("support.override.open")
        .because("override", open.map(|open| open.id))
        .because("override.status", open.map(|open| open.status))
        .remedy(
            "Confirm or revert the open override first; a proposal ends by itself after 15 minutes.",
            Some("list_manual_overrides"),
        )
}
