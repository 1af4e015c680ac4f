//! A client books a spot for herself (EVT-07). Booking again after a cancellation is the same.

use crate::{Booking, Desk, Desks, DomainEvent, EventsError, permission::BookEvent};
use chrono::{DateTime, Utc};
use tryzore_kernel::{EventId, Journal, Matter, StoreResult};
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
    let matter = Matter::new(COMMAND, event, desk.event.organization).about(user);
    let (booking, facts) = tx.decision_heed(matter, desk.admit(now))?;
    take_spot(tx, &desk, &booking).await?;
    tx.decision_record(matter.allowed(facts));
    tx.event_publish(DomainEvent::booked(&booking));
    Ok(booking)
}

/// Keeps `booking`, which `desk` allowed. Who has a spot waits no more.
pub(crate) async fn take_spot<T: Desks>(tx: &mut T, desk: &Desk, booking: &Booking) -> StoreResult<()> {
    tx.booking_insert(booking).await?;
    match desk.rank {
        Some(_) => tx.waiter_seat(booking).await,
        None => Ok(()),
    }
}
