//! A client gives her spot back (EVT-08); the first in line who may have it gets it at once.

use crate::{Booking, Desks, DomainEvent, EventsError, Lines, Spot, permission::BookEvent, promote};
use chrono::{DateTime, Utc};
use tryzore_kernel::{BookingId, Journal, Matter, StoreResult};
use tryzore_rbac::Permit;

/// The command, as decisions name it.
pub const COMMAND: &str = "events.cancel_booking";

/// Gives back the spot of `booking`, which is the caller's own: for nothing in time, for the fee of
/// the house later. The answer says which, and the fee.
///
/// # Errors
/// [`EventsError::NotFound`] when it is not the caller's; [`EventsError::Refused`] as
/// [`Booking::give_back`] says.
pub async fn cancel_booking<T: Desks + Lines + Journal>(
    permit: &Permit<BookEvent>,
    tx: &mut T,
    booking: BookingId,
    now: DateTime<Utc>,
) -> Result<Booking, EventsError> {
    let spot = tx.booking_open(booking).await?;
    let spot = spot.filter(|spot| permit.actor().user() == Some(spot.booking.user));
    let spot = spot.ok_or(EventsError::NotFound("booking"))?;
    let matter = Matter::new(COMMAND, booking, spot.event.organization).about(spot.booking.user);
    let (after, facts) = tx.decision_heed(matter, spot.booking.give_back(&spot.event, now))?;
    tx.decision_record(matter.allowed(facts));
    keep_canceled(tx, &spot, &after, now).await?;
    Ok(after)
}

/// Keeps `after`, the booking of `spot` that was given back, and leaves the spot to the first in line.
pub(crate) async fn keep_canceled<T: Desks + Lines + Journal>(
    tx: &mut T,
    spot: &Spot,
    after: &Booking,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    tx.booking_update(after, spot.booking.state).await?;
    tx.event_publish(DomainEvent::of_booking(DomainEvent::BookingCanceled, after, &spot.event, now));
    if spot.waiting > 0 {
        promote::settle(tx, spot.event.id, now).await?;
    }
    Ok(())
}
