//! Staff confirm that an event will take place, and start it.

use crate::{
    Event, Schedules, UseCaseError,
    domain_event::{Confirmed, EventChanged, Started},
    permission::{EditEvent, ManageAttendance},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Command, DecisionContext, EventId, Journal};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// The confirm command, in recorded decisions.
pub const CONFIRM: Command = Command::new("events.confirm").seen_by(Slug::VIEW_ALL_EVENTS.audience());
/// The start command, in recorded decisions.
pub const START: Command = Command::new("events.start").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// Confirms `event`: any event, or one that the caller leads.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`Event::confirm`] says, or when the permit
/// does not reach the event.
pub async fn confirm_event<T: Schedules + Journal>(
    permit: &Permit<EditEvent>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<Event, UseCaseError> {
    let before = tx.event_open(event).await?.ok_or(UseCaseError::NotFound("event"))?;
    permit.require_at_for(before.organization, before.staff, "event")?;
    let after =
        tx.record_if_denied(DecisionContext::new(CONFIRM, event, before.organization), before.confirm())?;
    keep(tx, after, Confirmed, now).await
}

/// Starts `event`, at the earliest when check-in opens.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`Event::begin`] says, or at a location
/// that the permit does not reach.
pub async fn start_event<T: Schedules + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<Event, UseCaseError> {
    let before = tx.event_open(event).await?.ok_or(UseCaseError::NotFound("event"))?;
    permit.require_at(before.organization, "event")?;
    let after =
        tx.record_if_denied(DecisionContext::new(START, event, before.organization), before.begin(now))?;
    keep(tx, after, Started, now).await
}

async fn keep<T: Schedules + Journal, E: DomainEvent>(
    tx: &mut T,
    after: Event,
    what: fn(EventChanged) -> E,
    now: DateTime<Utc>,
) -> Result<Event, UseCaseError> {
    tx.event_update(&after, None, now).await?;
    tx.event_publish(what(EventChanged::of(&after)).published(now));
    Ok(after)
}
