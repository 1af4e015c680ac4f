//! A client books a spot for herself (EVT-07). Booking again after a cancellation is the same.

use crate::{Booking, Desks, DomainEvent, EventsError, permission::BookEvent};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Decision, EventId, Journal};
use tryzore_rbac::Permit;

/// The command, as decisions name it.
pub const COMMAND: &str = "events.book";

/// Books a spot of `event` for the person who asks, at `now`.
///
/// # Errors
/// [`EventsError::NotFound`] when there is none for this person; [`EventsError::Refused`] with the
/// first reason that stands against it (see [`crate::Desk::admit`]).
pub async fn book<T: Desks + Journal>(
    permit: &Permit<BookEvent>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<Booking, EventsError> {
    let user = permit.actor().user().ok_or(EventsError::NotFound("event"))?;
    let desk =
        tx.desk_open(event, user, permit.organization()).await?.ok_or(EventsError::NotFound("event"))?;
    let at = desk.event.organization;
    match desk.admit(now) {
        Ok((booking, facts)) => {
            tx.booking_insert(&booking).await?;
            tx.decision_record(Decision::allowed(COMMAND, event, facts).about(user).at(at));
            tx.event_publish(DomainEvent::booked(&booking));
            Ok(booking)
        }
        Err(denial) => {
            tx.decision_record(Decision::denied(COMMAND, event, &denial).about(user).at(at));
            Err(denial.into())
        }
    }
}
