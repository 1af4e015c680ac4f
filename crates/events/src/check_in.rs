//! Staff check a client in (EVT-11): with a booking, or without one when there is a free spot.

use crate::{
    Booking, Bookings, UseCaseError,
    book::take_spot,
    domain_event::{Attended, Booked, BookingChanged, SpotTaken},
    on_behalf::to_staff,
    permission::ManageAttendance,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{BookingId, ClientId, Command, DecisionContext, EventId, Fact, Journal};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions.
pub const COMMAND: Command = Command::new("events.check_in").seen_by(Slug::VIEW_ALL_EVENTS.audience());
/// The walk-in command (clients without a booking), in recorded decisions.
pub const WALK_IN: Command = Command::new("events.walk_in").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// Checks in the client of `booking`. `is_first_timer` of the returned booking tells staff to greet the
/// client. Checking in twice changes nothing.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`Booking::check_in`] says, or at a
/// location that the permit does not reach.
pub async fn check_in<T: Bookings + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    booking: BookingId,
    now: DateTime<Utc>,
) -> Result<Booking, UseCaseError> {
    let spot = tx.booking_open(booking).await?.ok_or(UseCaseError::NotFound("booking"))?;
    permit.require_at(spot.event.organization, "booking")?;
    let (event, before) = (&spot.event, &spot.booking);
    let decision = DecisionContext::new(COMMAND, booking, event.organization).about(before.user);
    let after = tx.record_if_denied(decision, before.check_in(event, !spot.has_attended, now))?;
    if after.state == before.state {
        return Ok(after);
    }
    tx.booking_update(&after, before.state).await?;
    let facts = vec![
        Fact::new("event.checkin_opens_at", event.local(event.checkin_opens_at())),
        Fact::new("event.ends_at", event.local(event.ends_at)),
        Fact::new("now", event.local(now)),
        Fact::new("client.is_first_timer", after.is_first_timer),
    ];
    tx.decision_record(decision.allowed(facts));
    tx.event_publish(Attended(BookingChanged::of(&after, event)).published(now));
    Ok(after)
}

/// Checks in `client`, who is at the front desk of the location of `event`: by the booking that the
/// client has, or with a new booking when there is a free spot.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`crate::BookingContext::walk_in`] says, or at a
/// location that the permit does not reach.
pub async fn walk_in<T: Bookings + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    client: ClientId,
    now: DateTime<Utc>,
) -> Result<Booking, UseCaseError> {
    let context = tx
        .booking_context_of_client(event, client)
        .await?
        .ok_or(UseCaseError::NotFound("event or client"))?;
    // The same text as above, so that a caller can't find out whether another location has such an
    // event.
    permit.require_at(context.event.organization, "event or client")?;
    if let Some(booking) = context.booking_client.holds {
        return check_in(permit, tx, booking, now).await;
    }
    let decision =
        DecisionContext::new(WALK_IN, event, context.event.organization).about(context.booking_client.user);
    let (booking, facts) = tx.record_if_denied(decision, context.walk_in(now).map_err(to_staff))?;
    let booking = Booking { booked_by: permit.actor().user(), ..booking };
    take_spot(tx, &context, &booking).await?;
    tx.decision_record(decision.allowed(facts));
    tx.event_publish(Booked(SpotTaken::of(&booking)).published(now));
    tx.event_publish(Attended(BookingChanged::of(&booking, &context.event)).published(now));
    Ok(booking)
}
