//! A client books a spot for themselves (EVT-07). Booking again after a cancellation works the same.

use crate::{
    Booking, BookingContext, Bookings, UseCaseError,
    domain_event::{Booked, SpotTaken},
    permission::BookEvent,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Command, DecisionContext, EventId, Journal, StoreResult};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions.
pub const COMMAND: Command = Command::new("events.book").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// Books a spot of `event` for the signed-in client, at `now`.
///
/// # Errors
/// [`UseCaseError::NotFound`] when the client can't book any such event; [`UseCaseError::Denied`] with
/// the first reason for the refusal (see [`crate::BookingContext::admit`]).
pub async fn book<T: Bookings + Journal>(
    permit: &Permit<BookEvent>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<Booking, UseCaseError> {
    let user = permit.actor().user().ok_or(UseCaseError::NotFound("event"))?;
    let context = tx
        .booking_context(event, user, permit.organization())
        .await?
        .ok_or(UseCaseError::NotFound("event"))?;
    let decision = DecisionContext::new(COMMAND, event, context.event.organization).about(user);
    let (booking, facts) = tx.record_if_denied(decision, context.admit(now))?;
    take_spot(tx, &context, &booking).await?;
    tx.decision_record(decision.allowed(facts));
    tx.event_publish(Booked(SpotTaken::of(&booking)).published(now));
    Ok(booking)
}

/// Stores `booking`, which `context` allowed, and takes the client off the waitlist.
pub(crate) async fn take_spot<T: Bookings>(
    tx: &mut T,
    context: &BookingContext,
    booking: &Booking,
) -> StoreResult<()> {
    tx.booking_insert(booking).await?;
    match context.rank {
        Some(_) => tx.waitlist_mark_promoted(booking).await,
        None => Ok(()),
    }
}
