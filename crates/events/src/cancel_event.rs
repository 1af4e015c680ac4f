//! The location calls an event off: everyone is notified and nobody is charged.
//!
//! Late-cancellation fees are waived as well: those clients would not have needed the spot.

use crate::{
    BookingState, Roster, Rosters, Schedules, UseCaseError, Waitlists,
    domain_event::{self, BookingChanged, EventCanceled, EventChanged, FeeWaived},
    fields,
    permission::CancelEvent,
    promote::expire,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, EventId, Journal};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions.
pub const COMMAND: Command = Command::new("events.cancel").seen_by(Slug::VIEW_ALL_EVENTS.audience());

const CONCERNED: &[BookingState] =
    &[BookingState::Booked, BookingState::Attended, BookingState::NoShow, BookingState::CanceledLate];

/// How many clients a called-off event concerns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CalledOff {
    /// The number of clients who held a spot.
    pub booked: u32,
    /// The number of clients on the waitlist.
    pub waiting: u32,
}

/// Calls `event` off for `reason`. Calling it off again changes nothing.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Invalid`] without a reason; [`UseCaseError::Denied`]
/// when the event is completed, or at a location that the permit does not reach.
pub async fn cancel_event<T: Rosters + Waitlists + Schedules + Journal>(
    permit: &Permit<CancelEvent>,
    tx: &mut T,
    event: EventId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<CalledOff, UseCaseError> {
    let reason = fields::reason(reason, "/reason")?;
    let roster = tx.roster_open(event).await?.ok_or(UseCaseError::NotFound("event"))?;
    permit.require_at(roster.event.organization, "event")?;
    call_off(tx, roster, &reason, now).await
}

pub(crate) async fn call_off<T: Rosters + Waitlists + Schedules + Journal>(
    tx: &mut T,
    roster: Roster,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<CalledOff, UseCaseError> {
    if roster.event.state == crate::EventState::Canceled {
        return Ok(CalledOff::default());
    }
    let id = roster.event.id;
    let decision = DecisionContext::new(COMMAND, id, roster.event.organization);
    let event = tx.record_if_denied(decision, roster.event.call_off())?;
    let why = || Some(reason.to_owned());
    tx.event_update(&event, Some(reason), now).await?;
    if !roster.bookings.is_empty() {
        tx.bookings_move(id, CONCERNED, BookingState::Canceled, event.rules.nothing(), now).await?;
    }
    for booking in &roster.bookings {
        let after = booking.moved_to(BookingState::Canceled, event.rules.nothing(), now);
        let changed = BookingChanged { reason: why(), ..BookingChanged::of(&after, &event) };
        if booking.state.holds_spot() {
            tx.event_publish(domain_event::CalledOff(changed.clone()).published(now));
        }
        if !booking.fee.is_zero() {
            let waived = BookingChanged { fee: booking.fee, ..changed };
            tx.event_publish(FeeWaived(waived).published(now));
        }
    }
    expire(tx, &event, &roster.waiting, Some(reason), now).await?;
    let called_off = CalledOff {
        booked: event.spots.booked(),
        waiting: u32::try_from(roster.waiting.len()).unwrap_or(u32::MAX),
    };
    let sent = EventChanged { reason: why(), ..EventChanged::of(&event) };
    tx.event_publish(EventCanceled(sent).published(now));
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: id.uuid(),
        subject: None,
        organizations: vec![event.organization],
        details: serde_json::json!({ "reason": reason, "concerned": called_off }),
    });
    Ok(called_off)
}
