//! Takes a correction back.

use super::{
    Corrected,
    apply::{open, resize, tell, tell_fee},
    correction::is_over,
};
use crate::{
    Booking, BookingState, BookingWithEvent, Bookings, Schedules, Spots, UseCaseError, Waitlists,
    domain_event::{AttendanceUndone, BookingCanceled, BookingChanged},
    promote,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{BookingId, Denial, Journal, Money, UserId};
use tryzore_rbac::{DomainEvent, Permit, catalogue::ManualOverrides};

/// What is needed to take a correction back: the state before it, and the state that it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The booking.
    pub booking: BookingId,
    /// Its state before; none if the correction made the booking.
    pub before: Option<State>,
    /// Its state after.
    pub after: State,
    /// The number of spots after the correction, if it added one.
    pub spots_total: Option<u32>,
}

/// The state of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    status: BookingState,
    fee: Money,
    excuse: Option<String>,
    canceled_by: Option<UserId>,
}

impl State {
    fn of(booking: &Booking) -> Self {
        let Booking { state, fee, canceled_by, .. } = *booking;
        Self { status: state, fee, excuse: booking.excuse.clone(), canceled_by }
    }
}

impl Undo {
    pub(super) fn of(made: &Corrected) -> Self {
        Self {
            booking: made.after.id,
            before: made.before.as_ref().map(State::of),
            after: State::of(&made.after),
            spots_total: made.adds_spot.then(|| made.event.spots.total() + 1),
        }
    }
}

/// Takes the correction of `undo` back. A spot that becomes free goes to the waitlist, and a spot that the correction
/// added is gone.
///
/// # Errors
/// [`UseCaseError::NotFound`]; `events.override.changed_since` when the booking was changed since the correction;
/// `events.override.revert_over` when the client would lose a spot of an event that has begun, or would be expected at
/// one that is over.
pub async fn revert<T: Bookings + Schedules + Waitlists + Journal>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    undo: &Undo,
    now: DateTime<Utc>,
) -> Result<Booking, UseCaseError> {
    let spot = open(permit, tx, undo.booking).await?;
    check(&spot, undo, now)?;
    let (event, booking) = (&spot.event, &spot.booking);
    let after = match &undo.before {
        Some(state) => Booking {
            excuse: state.excuse.clone(),
            canceled_by: state.canceled_by,
            ..booking.moved_to(state.status, state.fee, now)
        },
        None => Booking {
            canceled_by: permit.actor().user(),
            ..booking.moved_to(BookingState::Canceled, event.rules.nothing(), now)
        },
    };
    let loses_spot = booking.state.holds_spot() && !after.state.holds_spot();
    tx.booking_update(&after, booking.state).await?;
    let changed = BookingChanged::of(&after, event);
    if loses_spot {
        tx.event_publish(BookingCanceled(changed).published(now));
    } else if after.state == BookingState::Booked && booking.state != after.state {
        tx.event_publish(AttendanceUndone(changed.clone()).published(now));
        tell_fee(tx, booking.fee, &changed, now);
    } else {
        tell(tx, event, Some(booking), &after, now);
    }
    if loses_spot {
        give_back(tx, &spot, undo, now).await?;
    }
    Ok(after)
}

/// Takes an added spot away, unless somebody has changed the number of spots since; the waitlist gets what is free.
async fn give_back<T: Bookings + Schedules + Waitlists + Journal>(
    tx: &mut T,
    spot: &BookingWithEvent,
    undo: &Undo,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let mut event = spot.event.clone();
    let spots = event.spots;
    if let Some(freed) = Spots::try_new(spots.total(), spots.booked().saturating_sub(1)) {
        event.spots = freed;
    }
    if undo.spots_total == Some(spots.total()) {
        resize(tx, &event, spots.total() - 1, now).await?;
    }
    if spot.waiting > 0 {
        promote::settle(tx, event.id, now).await?;
    }
    Ok(())
}

fn check(spot: &BookingWithEvent, undo: &Undo, now: DateTime<Utc>) -> Result<(), Denial> {
    let BookingWithEvent { event, booking, .. } = spot;
    if State::of(booking) != undo.after {
        return Err(Denial::state("events.override.changed_since")
            .because("booking.status", booking.state)
            .because("booking.fee", booking.fee)
            .remedy(
                "The booking was changed since: confirm the override, and correct the booking by hand.",
                Some("confirm_manual_override"),
            ));
    }
    let state = undo.before.as_ref().map_or(BookingState::Canceled, |before| before.status);
    let loses_spot = booking.state.holds_spot() && !state.holds_spot();
    let is_expected_again = state == BookingState::Booked && booking.state != state;
    if (loses_spot && event.has_started(now)) || (is_expected_again && is_over(event, now)) {
        return Err(Denial::state("events.override.revert_over")
            .because("event.status", event.state)
            .because("event.starts_at", event.local(event.starts_at))
            .because("now", event.local(now))
            .remedy(
                "The event has taken place: confirm the override, or correct who came.",
                Some("confirm_manual_override"),
            ));
    }
    Ok(())
}
