//! Staff book, cancel and join the waitlist for a client who calls or is at the front desk (EVT-07,
//! EVT-08, EVT-10).
//!
//! The rules are the same as when the client acts. The permit has to reach the location of the event;
//! the client counts as having switched to that location. Bookings, places on the waitlist and domain
//! events name the staff member who acted, and the remedy of a refusal addresses the staff.

use crate::{
    Booking, BookingContext, Bookings, UseCaseError, Waitlists, book,
    book::take_spot,
    cancel_booking,
    cancel_booking::keep_canceled,
    domain_event::{Booked, SpotTaken},
    permission::ManageAttendance,
    wait,
    wait::Waited,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{BookingId, ClientId, DecisionContext, Denial, EventId, Fact, Journal};
use tryzore_rbac::{DomainEvent, Permit};

const EVENT_OR_CLIENT: UseCaseError = UseCaseError::NotFound("event or client");

/// Books a spot of `event` for `client`.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`BookingContext::admit`] says, or at a location that
/// the permit does not reach.
pub async fn book_for<T: Bookings + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    client: ClientId,
    now: DateTime<Utc>,
) -> Result<Booking, UseCaseError> {
    let context = open(permit, tx, event, client).await?;
    let decision = DecisionContext::new(book::COMMAND, event, context.event.organization)
        .about(context.booking_client.user);
    let (booking, mut facts) = tx.record_if_denied(decision, context.admit(now).map_err(to_staff))?;
    let booking = Booking { booked_by: permit.actor().user(), ..booking };
    take_spot(tx, &context, &booking).await?;
    facts.push(Fact::new("booking.booked_by", booking.booked_by));
    tx.decision_record(decision.allowed(facts));
    tx.event_publish(Booked(SpotTaken::of(&booking)).published(now));
    Ok(booking)
}

/// Cancels `booking` for its client: free in time, for the fee of the location later.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`Booking::give_back`] says, or at a location
/// that the permit does not reach.
pub async fn cancel_booking_for<T: Bookings + Waitlists + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    booking: BookingId,
    now: DateTime<Utc>,
) -> Result<Booking, UseCaseError> {
    let spot = tx.booking_open(booking).await?.ok_or(UseCaseError::NotFound("booking"))?;
    permit.require_at(spot.event.organization, "booking")?;
    let decision = DecisionContext::new(cancel_booking::COMMAND, booking, spot.event.organization)
        .about(spot.booking.user);
    let canceled = spot.booking.give_back(&spot.event, now).map_err(to_staff);
    let (after, mut facts) = tx.record_if_denied(decision, canceled)?;
    let after = Booking { canceled_by: permit.actor().user(), ..after };
    facts.push(Fact::new("booking.canceled_by", after.canceled_by));
    tx.decision_record(decision.allowed(facts));
    keep_canceled(tx, &spot, &after, now).await?;
    Ok(after)
}

/// Puts `client` at the end of the waitlist for `event`.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`BookingContext::join_waitlist`] says, or at a location
/// that the permit does not reach.
pub async fn wait_for<T: Bookings + Waitlists + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    client: ClientId,
    now: DateTime<Utc>,
) -> Result<Waited, UseCaseError> {
    let context = open(permit, tx, event, client).await?;
    let at = context.event.organization;
    let decision = DecisionContext::new(wait::COMMAND, event, at).about(context.booking_client.user);
    let mut facts = tx.record_if_denied(decision, context.join_waitlist(now).map_err(to_staff))?;
    let added_by = permit.actor().user();
    facts.push(Fact::new("waitlist.added_by", added_by));
    tx.decision_record(decision.allowed(facts));
    wait::join(tx, &context, Some(at), added_by, now).await
}

async fn open<T: Bookings>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    client: ClientId,
) -> Result<BookingContext, UseCaseError> {
    let context = tx.booking_context_of_client(event, client).await?.ok_or(EVENT_OR_CLIENT)?;
    permit.require_at(context.event.organization, "event or client")?;
    Ok(context)
}

/// The refusal with a remedy that addresses staff instead of the client.
pub(crate) fn to_staff(denial: Denial) -> Denial {
    let (text, action) = match &*denial.code {
        "events.book.already_booked" => ("The client has a spot at this event already.", None),
        "events.book.client_archived" => {
            ("The client is archived: reactivate the client first.", Some("restore_client"))
        }
        "events.book.location_closed" => {
            ("The location has closed: offer the client an event at another one.", Some("list_events"))
        }
        "events.book.not_open" | "events.book.started" | "events.wait.waitlist_full" => {
            ("Offer the client another event.", Some("list_events"))
        }
        "events.book.outside_hours" => {
            ("The location takes bookings within its reservation hours only, also by its staff.", None)
        }
        "events.book.location_restricted" => {
            ("The client may not use this location: add it to the client's locations.", Some("edit_client"))
        }
        "events.book.visitors_not_taken" => (
            "The event or its location takes no clients of other locations: offer an event at the client's own.",
            Some("list_events"),
        ),
        "events.book.full" | "events.book.others_wait" => (
            "Put the client on the waitlist: a freed spot goes to the first on the waitlist who may have it.",
            Some("add_to_waitlist"),
        ),
        "events.wait.already_waiting" => {
            ("The client is on the waitlist already.", Some("remove_from_waitlist"))
        }
        "events.wait.spots_free" => {
            ("There is a free spot: book it for the client.", Some("create_client_booking"))
        }
        "events.cancel_booking.not_booked" => ("There is nothing left to cancel.", None),
        "events.cancel_booking.started" => {
            ("Mark who did not come, with an excuse if there is one.", Some("mark_no_show"))
        }
        _ => return denial,
    };
    denial.remedy(text, action)
}
