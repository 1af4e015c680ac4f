//! A client cancels their booking (EVT-08); the first on the waitlist who may have the spot gets it at
//! once.

use crate::{
    Booking, BookingWithEvent, Bookings, UseCaseError, Waitlists,
    domain_event::{BookingCanceled, BookingChanged},
    permission::BookEvent,
    promote,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{BookingId, Command, DecisionContext, Journal, StoreResult};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions.
pub const COMMAND: Command = Command::new("events.cancel_booking").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// Cancels `booking`, which is the caller's own: free in time, for the fee of the location later. The
/// returned booking has the state and the fee.
///
/// # Errors
/// [`UseCaseError::NotFound`] when the booking is not the caller's; [`UseCaseError::Denied`] as
/// [`Booking::give_back`] says.
pub async fn cancel_booking<T: Bookings + Waitlists + Journal>(
    permit: &Permit<BookEvent>,
    tx: &mut T,
    booking: BookingId,
    now: DateTime<Utc>,
) -> Result<Booking, UseCaseError> {
    let spot = tx.booking_open(booking).await?;
    let spot = spot.filter(|spot| permit.actor().user() == Some(spot.booking.user));
    let spot = spot.ok_or(UseCaseError::NotFound("booking"))?;
    let decision = DecisionContext::new(COMMAND, booking, spot.event.organization).about(spot.booking.user);
    let (after, facts) = tx.record_if_denied(decision, spot.booking.give_back(&spot.event, now))?;
    tx.decision_record(decision.allowed(facts));
    keep_canceled(tx, &spot, &after, now).await?;
    Ok(after)
}

/// Stores `after`, the canceled booking of `spot`, and gives the free spot to the waitlist.
pub(crate) async fn keep_canceled<T: Bookings + Waitlists + Journal>(
    tx: &mut T,
    spot: &BookingWithEvent,
    after: &Booking,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    tx.booking_update(after, spot.booking.state).await?;
    tx.event_publish(BookingCanceled(BookingChanged::of(after, &spot.event)).published(now));
    if spot.waiting > 0 {
        promote::settle(tx, spot.event.id, now).await?;
    }
    Ok(())
}
