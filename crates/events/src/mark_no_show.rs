//! Staff mark a client as a no-show (EVT-12), excuse the client, or take the mark back.

use crate::{
    Booking, BookingWithEvent, Bookings, UseCaseError,
    domain_event::{AttendanceUndone, Attended, BookingChanged, FeeWaived, NoShow},
    fields,
    permission::ManageAttendance,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, BookingId, Command, DecisionContext, Fact, Journal};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions.
pub const COMMAND: Command = Command::new("events.no_show").seen_by(Slug::VIEW_ALL_EVENTS.audience());
/// The command that waives a fee, in recorded decisions.
pub const EXCUSE: Command = Command::new("events.excuse").seen_by(Slug::VIEW_ALL_EVENTS.audience());
/// The command that takes a mark back, in recorded decisions.
pub const UNDO: Command = Command::new("events.undo").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// Marks that the client of `booking` did not come. With an `excuse` there is no fee.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Invalid`] for an empty excuse; [`UseCaseError::Denied`]
/// as [`Booking::miss`] says, or at a location that the permit does not reach.
pub async fn mark_no_show<T: Bookings + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    booking: BookingId,
    excuse: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Booking, UseCaseError> {
    let excuse = excuse.map(|text| fields::reason(text, "/excuse")).transpose()?;
    let spot = open(permit, tx, booking).await?;
    let event = &spot.event;
    let decision = DecisionContext::new(COMMAND, booking, event.organization).about(spot.booking.user);
    let after = tx.record_if_denied(decision, spot.booking.miss(event, excuse, now))?;
    tx.booking_update(&after, spot.booking.state).await?;
    let facts = vec![
        Fact::new("event.starts_at", event.local(event.starts_at)),
        Fact::new("client.is_visit", after.is_visit()),
        Fact::new("booking.fee", after.fee),
        Fact::new("booking.excused", after.excuse.is_some()),
    ];
    tx.decision_record(decision.allowed(facts));
    tx.event_publish(NoShow(BookingChanged::of(&after, event)).published(now));
    Ok(after)
}

/// Waives the fee of `booking`, for not coming or for canceling late, because of `reason`.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Invalid`] for an empty reason; [`UseCaseError::Denied`]
/// as [`Booking::excuse`] says, or at a location that the permit does not reach.
pub async fn excuse<T: Bookings + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    booking: BookingId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Booking, UseCaseError> {
    let reason = fields::reason(reason, "/reason")?;
    let spot = open(permit, tx, booking).await?;
    let event = &spot.event;
    let decision = DecisionContext::new(EXCUSE, booking, event.organization).about(spot.booking.user);
    let (after, fee) = tx.record_if_denied(decision, spot.booking.excuse(event, reason))?;
    tx.booking_update(&after, spot.booking.state).await?;
    tx.audit_append(AuditEntry {
        action: EXCUSE.name,
        target: booking.uuid(),
        subject: Some(after.user),
        organizations: vec![event.organization],
        details: serde_json::json!({ "fee": fee, "reason": after.excuse }),
    });
    let waived = BookingChanged { fee, ..BookingChanged::of(&after, event) };
    tx.event_publish(FeeWaived(waived).published(now));
    Ok(after)
}

/// Takes back the check-in or the no-show of `booking`; see [`Booking::undo`] for the resulting state.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] as [`Booking::undo`] says, or at a location
/// that the permit does not reach.
pub async fn undo_attendance<T: Bookings + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    booking: BookingId,
    now: DateTime<Utc>,
) -> Result<Booking, UseCaseError> {
    let spot = open(permit, tx, booking).await?;
    let (event, before) = (&spot.event, &spot.booking);
    let decision = DecisionContext::new(UNDO, booking, event.organization).about(before.user);
    let (after, fee) = tx.record_if_denied(decision, before.undo(event, now))?;
    tx.booking_update(&after, before.state).await?;
    tx.audit_append(AuditEntry {
        action: UNDO.name,
        target: booking.uuid(),
        subject: Some(after.user),
        organizations: vec![event.organization],
        details: serde_json::json!({ "from": before.state, "to": after.state }),
    });
    let changed = BookingChanged::of(&after, event);
    tx.event_publish(AttendanceUndone(changed.clone()).published(now));
    if !fee.is_zero() {
        let waived = BookingChanged { fee, reason: None, ..changed.clone() };
        tx.event_publish(FeeWaived(waived).published(now));
    }
    if after.state == crate::BookingState::Attended {
        tx.event_publish(Attended(changed).published(now));
    }
    Ok(after)
}

async fn open<T: Bookings>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    booking: BookingId,
) -> Result<BookingWithEvent, UseCaseError> {
    let spot = tx.booking_open(booking).await?.ok_or(UseCaseError::NotFound("booking"))?;
    permit.require_at(spot.event.organization, "booking")?;
    Ok(spot)
}
