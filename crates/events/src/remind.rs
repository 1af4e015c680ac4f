//! Those who booked are reminded once, two hours before a class (EVT-09), a day before a tour.

use crate::{BookingState, DomainEvent, EventsError, Rosters, Schedules, permission::ManageAttendance};
use chrono::{DateTime, Utc};
use tryzore_kernel::{EventId, Journal};
use tryzore_rbac::Permit;

/// Publishes a reminder for everyone who is expected at `event`, if it is due; how many. An event is
/// reminded of once, which it remembers itself: it is locked, so two workers do it once. When it is
/// moved to another time it is forgotten, because the old reminder is wrong.
///
/// # Errors
/// [`EventsError::NotFound`]; [`EventsError::Refused`] at a location that the permit does not
/// reach.
pub async fn remind<T: Rosters + Schedules + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<u32, EventsError> {
    let roster = tx.roster_open(event).await?.ok_or(EventsError::NotFound("event"))?;
    let mut event = roster.event;
    permit.at(event.organization).map_err(EventsError::out_of_reach("event"))?;
    if event.reminded_at.is_some() || event.context_open(now).is_err() || now < event.reminder_due_at() {
        return Ok(0);
    }
    event.reminded_at = Some(now);
    tx.event_update(&event, None, now).await?;
    let mut told = 0;
    for booking in roster.bookings.iter().filter(|booking| booking.state == BookingState::Booked) {
        tx.event_publish(DomainEvent::of_booking(DomainEvent::ReminderDue, booking, &event, now));
        told += 1;
    }
    Ok(told)
}
