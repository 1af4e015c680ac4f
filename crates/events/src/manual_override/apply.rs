//! Shows what a correction would change, and makes it.

use super::{
    Corrected, Correction, Undo,
    correction::{attend, book, restore, restore_fee, waive_fee},
};
use crate::{
    Booking, BookingContext, BookingState, BookingWithEvent, Bookings, Event, Schedules, UseCaseError,
    domain_event::{Attended, Booked, BookingChanged, FeeRestored, FeeWaived, NoShow, SpotTaken},
    edit_event::tell_changed,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{BookingId, ClientId, EventId, Journal, Money, StoreResult};
use tryzore_rbac::{DomainEvent, Permit, catalogue::ManualOverrides};

/// What `correction` would change now, because of `reason`. Locks the event.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] at a location that the permit does not reach, or as the
/// functions of [`super::correction`] say.
pub async fn preview<T: Bookings>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    correction: Correction,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Corrected, UseCaseError> {
    Ok(match correction {
        Correction::Book(event, client) => {
            let what = "event or client";
            let context = context(permit, tx, event, client, what).await?;
            let by = permit.actor().user();
            let made = book(&context, now)?;
            Corrected { after: Booking { booked_by: by, ..made.after.clone() }, ..made }
        }
        Correction::Restore(booking) => {
            let spot = open(permit, tx, booking).await?;
            let (event, client) = (spot.event.id, spot.booking.client);
            restore(&spot.booking, &context(permit, tx, event, client, "booking").await?, now)?
        }
        Correction::Attendance(booking, mark) => {
            let spot = open(permit, tx, booking).await?;
            attend(&spot.booking, &spot.event, mark, now)?
        }
        Correction::WaiveFee(booking) => {
            let spot = open(permit, tx, booking).await?;
            waive_fee(&spot.booking, &spot.event, reason)?
        }
        Correction::RestoreFee(booking) => {
            let spot = open(permit, tx, booking).await?;
            restore_fee(&spot.booking, &spot.event)?
        }
    })
}

/// Makes `correction`, because of `reason`; returns what is needed to take it back.
///
/// # Errors
/// As [`preview`].
pub async fn apply<T: Bookings + Schedules + Journal>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    correction: Correction,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Undo, UseCaseError> {
    let made = preview(permit, tx, correction, reason, now).await?;
    let undo = Undo::of(&made);
    if made.adds_spot {
        resize(tx, &made.event, made.event.spots.total() + 1, now).await?;
    }
    match &made.before {
        None => tx.booking_insert(&made.after).await?,
        Some(before) => tx.booking_update(&made.after, before.state).await?,
    }
    if made.leaves_waitlist {
        tx.waitlist_mark_promoted(&Booking { created_at: now, ..made.after.clone() }).await?;
    }
    tell(tx, &made.event, made.before.as_ref(), &made.after, now);
    Ok(undo)
}

/// Stores `event` with `total` spots and publishes the change.
pub(super) async fn resize<T: Schedules + Journal>(
    tx: &mut T,
    event: &Event,
    total: u32,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let Some(spots) = event.spots.resize(total) else { return Ok(()) };
    let after = Event { spots, version: event.version + 1, ..event.clone() };
    tx.event_update(&after, None, now).await?;
    tell_changed(tx, event, &after, &after.differences(event), now);
    Ok(())
}

/// Publishes that a booking of `event` was corrected from `before` to `after`.
pub(super) fn tell(
    tx: &mut impl Journal,
    event: &Event,
    before: Option<&Booking>,
    after: &Booking,
    now: DateTime<Utc>,
) {
    let changed = BookingChanged::of(after, event);
    if before.is_none_or(|before| before.state != after.state) {
        match after.state {
            BookingState::Booked => tx.event_publish(Booked(SpotTaken::of(after)).published(now)),
            BookingState::Attended => tx.event_publish(Attended(changed.clone()).published(now)),
            // The event of a no-show says its fee.
            BookingState::NoShow => return tx.event_publish(NoShow(changed).published(now)),
            BookingState::Canceled | BookingState::CanceledLate => {}
        }
    }
    tell_fee(tx, before.map_or(event.rules.nothing(), |before| before.fee), &changed, now);
}

/// Publishes that the fee of a booking was `before`, and is no longer collected or is collected after all.
pub(super) fn tell_fee(tx: &mut impl Journal, before: Money, changed: &BookingChanged, now: DateTime<Utc>) {
    match (before.is_zero(), changed.fee.is_zero()) {
        (false, true) => {
            tx.event_publish(FeeWaived(BookingChanged { fee: before, ..changed.clone() }).published(now));
        }
        (true, false) => tx.event_publish(FeeRestored(changed.clone()).published(now)),
        _ => {}
    }
}

/// A booking with its event, if the permit reaches it.
pub(super) async fn open<T: Bookings>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    booking: BookingId,
) -> Result<BookingWithEvent, UseCaseError> {
    let spot = tx.booking_open(booking).await?.ok_or(UseCaseError::NotFound("booking"))?;
    permit.require_at(spot.event.organization, "booking")?;
    Ok(spot)
}

async fn context<T: Bookings>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    event: EventId,
    client: ClientId,
    what: &'static str,
) -> Result<BookingContext, UseCaseError> {
    let context = tx.booking_context_of_client(event, client).await?.ok_or(UseCaseError::NotFound(what))?;
    permit.require_at(context.event.organization, what)?;
    Ok(context)
}
