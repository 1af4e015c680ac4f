//! An event is completed: attendance is settled, and follow-ups of the class begin (EVT-11, EVT-12).

use crate::{
    Booking, BookingState, Roster, Rosters, Schedules, UseCaseError, Waitlists,
    domain_event::{BookingChanged, Completed, EventCompleted, NoShow},
    permission::ManageAttendance,
    promote::expire,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Command, DecisionContext, EventId, Fact, Journal};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions.
pub const COMMAND: Command = Command::new("events.complete").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// Completes `event`, once it has started: clients who are still expected become no-shows and owe the
/// fee of the location; the waitlist expires.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`crate::Event::complete`] says, or at a
/// location that the permit does not reach.
pub async fn complete_event<T: Rosters + Waitlists + Schedules + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<EventCompleted, UseCaseError> {
    let roster = tx.roster_open(event).await?.ok_or(UseCaseError::NotFound("event"))?;
    permit.require_at(roster.event.organization, "event")?;
    settle(tx, roster, now).await
}

/// Completes `event` if its end has come and nobody has completed it or called it off. Returns whether
/// it did. The worker calls this function at the end of each event.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] at a location that the permit does not
/// reach.
pub async fn complete_due<T: Rosters + Waitlists + Schedules + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<bool, UseCaseError> {
    let roster = tx.roster_open(event).await?.ok_or(UseCaseError::NotFound("event"))?;
    permit.require_at(roster.event.organization, "event")?;
    if roster.event.state.is_final() || now < roster.event.ends_at {
        return Ok(false);
    }
    settle(tx, roster, now).await?;
    Ok(true)
}

async fn settle<T: Rosters + Waitlists + Schedules + Journal>(
    tx: &mut T,
    roster: Roster,
    now: DateTime<Utc>,
) -> Result<EventCompleted, UseCaseError> {
    let decision = DecisionContext::new(COMMAND, roster.event.id, roster.event.organization);
    let event = &tx.record_if_denied(decision, roster.event.clone().complete(now))?;
    let fee = event.noshow_fee();
    let attended = || roster.bookings.iter().filter(|b| b.state == BookingState::Attended);
    let missing: Vec<&Booking> = roster.bookings.iter().filter(|b| b.state == BookingState::Booked).collect();
    let marked = roster.bookings.iter().filter(|b| b.state == BookingState::NoShow).count();
    tx.event_update(event, None, now).await?;
    if !missing.is_empty() {
        tx.bookings_move(event.id, &[BookingState::Booked], BookingState::NoShow, fee, now).await?;
    }
    for booking in &missing {
        let after = booking.moved_to(BookingState::NoShow, fee, now);
        tx.event_publish(NoShow(BookingChanged::of(&after, event)).published(now));
    }
    expire(tx, event, &roster.waiting, None, now).await?;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let completed = EventCompleted {
        event: event.id,
        organization: event.organization,
        kind: event.kind,
        template: event.template,
        staff: event.staff,
        starts_at: event.starts_at,
        ends_at: event.ends_at,
        attended: count(attended().count()),
        first_timers: count(attended().filter(|b| b.is_first_timer).count()),
        no_shows: count(missing.len() + marked),
        expired: count(roster.waiting.len()),
    };
    let facts = vec![
        Fact::new("event.attended", completed.attended),
        Fact::new("event.no_shows", completed.no_shows),
        Fact::new("location.noshow_fee", fee),
    ];
    tx.decision_record(decision.allowed(facts));
    tx.event_publish(Completed(completed.clone()).published(now));
    Ok(completed)
}
