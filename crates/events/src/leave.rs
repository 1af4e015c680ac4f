//! Someone leaves the line, or is taken out of it.

use crate::{
    DomainEvent, EventsError, Line, Lines, Rank,
    line::Waiter,
    permission::{BookEvent, ManageAttendance},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, EventId, Journal, StoreResult, WaitlistEntryId};
use tryzore_rbac::Permit;

const NO_PLACE: EventsError = EventsError::NotFound("place in line");

/// Takes the person who asks out of the line for `event`. It costs nothing at any time. Answers
/// with the rank that she gave up.
///
/// # Errors
/// [`EventsError::NotFound`] when she does not wait.
pub async fn leave<T: Lines + Journal>(
    permit: &Permit<BookEvent>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<Rank, EventsError> {
    let user = permit.actor().user().ok_or(NO_PLACE)?;
    let line = tx.line_open(event).await?.ok_or(EventsError::NotFound("event"))?;
    let (waiter, rank) = line.find(user).ok_or(NO_PLACE)?;
    take_out(tx, &line, waiter, now).await?;
    Ok(rank)
}

/// Staff take `entry` out of the line for `event`.
///
/// # Errors
/// [`EventsError::NotFound`]; [`EventsError::Refused`] at a location that the permit does not
/// reach.
pub async fn remove_waiter<T: Lines + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    entry: WaitlistEntryId,
    now: DateTime<Utc>,
) -> Result<(), EventsError> {
    let line = tx.line_open(event).await?.ok_or(EventsError::NotFound("event"))?;
    permit.at(line.event.organization).map_err(EventsError::beyond("event"))?;
    let waiter = line.waiters.iter().find(|waiter| waiter.entry.id == entry).ok_or(NO_PLACE)?;
    take_out(tx, &line, waiter, now).await?;
    tx.audit_append(AuditEntry {
        action: "events.remove_waiter",
        target: event.uuid(),
        subject: Some(waiter.entry.user),
        organizations: vec![line.event.organization],
        details: serde_json::json!({ "client": waiter.entry.client }),
    });
    Ok(())
}

async fn take_out<T: Lines + Journal>(
    tx: &mut T,
    line: &Line,
    waiter: &Waiter,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    tx.waiter_leave(line.event.id, waiter.entry.id, now).await?;
    tx.event_publish(DomainEvent::of_line(
        DomainEvent::LineLeft,
        &waiter.entry,
        &line.event,
        None,
        None,
        now,
    ));
    Ok(())
}
