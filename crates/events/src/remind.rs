//! Clients with a booking are reminded once: two hours before a class (EVT-09), a day before a tour.

use crate::{
    BookingState, Rosters, Schedules, UseCaseError,
    domain_event::{BookingChanged, ReminderDue},
    permission::ManageAttendance,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{EventId, Journal};
use tryzore_rbac::{DomainEvent, Permit};

/// Publishes a reminder for each client who is expected at `event`, if reminders are due. Returns how
/// many. The event stores when its reminders went out and is locked meanwhile, so that two workers send
/// them once. Moving the event to another time clears that mark, because the old reminder is wrong.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] at a location that the permit does not
/// reach.
pub async fn remind<T: Rosters + Schedules + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<u32, UseCaseError> {
    let roster = tx.roster_open(event).await?.ok_or(UseCaseError::NotFound("event"))?;
    let mut event = roster.event;
    permit.require_at(event.organization, "event")?;
    if event.reminded_at.is_some() || event.context_open(now).is_err() || now < event.reminder_due_at() {
        return Ok(0);
    }
    event.reminded_at = Some(now);
    tx.event_update(&event, None, now).await?;
    let mut sent = 0;
    for booking in roster.bookings.iter().filter(|booking| booking.state == BookingState::Booked) {
        tx.event_publish(ReminderDue(BookingChanged::of(booking, &event)).published(now));
        sent += 1;
    }
    Ok(sent)
}
