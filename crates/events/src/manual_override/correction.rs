//! What can be corrected by hand, and what it would change.

use crate::{Booking, BookingContext, BookingState, Event, EventState, Spots, on_behalf::to_staff};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tryzore_kernel::{BookingId, ClientId, Denial, EventId, Money};

/// A correction of a booking, as a caller sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum BookingCorrection {
    /// A canceled booking holds a spot again. The target is the booking.
    Restore {},
    /// The client came, or did not. The target is the booking.
    Attendance {
        /// What is true.
        status: Mark,
    },
    /// A client gets a spot of a full event, or at a time at which no bookings are taken. The target is the event.
    Book {
        /// The client.
        #[serde(rename = "client_id")]
        client: ClientId,
    },
}

/// What a booking is marked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The client came.
    Attended,
    /// The client did not come.
    NoShow,
}

/// A correction of a fee, as a caller sends it. The target is the booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum FeeCorrection {
    /// The fee is not collected.
    Waive {},
    /// The fee that the location takes is collected after all.
    Restore {},
}

/// A correction with its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correction {
    /// See [`BookingCorrection::Restore`].
    Restore(BookingId),
    /// See [`BookingCorrection::Attendance`].
    Attendance(BookingId, Mark),
    /// See [`BookingCorrection::Book`].
    Book(EventId, ClientId),
    /// See [`FeeCorrection::Waive`].
    WaiveFee(BookingId),
    /// See [`FeeCorrection::Restore`].
    RestoreFee(BookingId),
}

/// What a correction changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrected {
    /// The event as it is.
    pub event: Event,
    /// The booking as it is; none if the correction makes it.
    pub before: Option<Booking>,
    /// The booking after the correction.
    pub after: Booking,
    /// Whether the event gets one spot more.
    pub adds_spot: bool,
    /// Whether the client leaves the waitlist.
    pub leaves_waitlist: bool,
    /// The effects, each a plain sentence.
    pub effects: Vec<String>,
}

impl Corrected {
    /// Everything that decides the correction, as it is.
    #[must_use]
    pub fn state_before(&self) -> Value {
        state(&self.event, self.before.as_ref(), 0)
    }

    /// The same after the correction.
    #[must_use]
    pub fn state_after(&self) -> Value {
        state(&self.event, Some(&self.after), u32::from(self.adds_spot))
    }
}

/// The state of a booking and of its event, without what changes by itself.
#[must_use]
pub fn state(event: &Event, booking: Option<&Booking>, more_spots: u32) -> Value {
    json!({
        "status": booking.map(|booking| booking.state),
        "fee": booking.map(|booking| booking.fee),
        "excuse": booking.and_then(|booking| booking.excuse.as_deref()).filter(|excuse| !excuse.is_empty()),
        "event_status": event.state,
        "event_starts_at": event.starts_at,
        "spots_total": event.spots.total() + more_spots,
    })
}

/// Whether nobody can be expected at `event` any more.
pub(super) fn is_over(event: &Event, now: DateTime<Utc>) -> bool {
    event.state.is_final() || now >= event.ends_at
}

/// Gives the client of `context` a spot of a full event, or at a time at which no bookings are taken.
///
/// # Errors
/// `events.override.over`, `events.override.no_more_spots`, and the denials of the client and of the location.
pub fn book(context: &BookingContext, now: DateTime<Utc>) -> Result<Corrected, Denial> {
    let visit = check_spot(context, now)?;
    let after = context.booking_client.booking(&context.event, visit, now);
    with_spot(context, None, after, now)
}

/// Gives `booking`, which was canceled, a spot again. `context` is that of its client.
///
/// # Errors
/// `events.override.not_canceled`; the errors of [`book`].
pub fn restore(booking: &Booking, context: &BookingContext, now: DateTime<Utc>) -> Result<Corrected, Denial> {
    if booking.state.holds_spot() {
        return Err(Denial::state("events.override.not_canceled")
            .because("booking.status", booking.state)
            .remedy("Only a canceled booking can be restored.", None));
    }
    check_spot(context, now)?;
    let event = &context.event;
    let after = Booking {
        excuse: None,
        canceled_by: None,
        ..booking.moved_to(BookingState::Booked, event.rules.nothing(), now)
    };
    with_spot(context, Some(booking), after, now)
}

/// Says whether the client of `booking` came.
///
/// # Errors
/// `events.override.not_started`, `events.override.no_attendance`, `events.override.same`.
pub fn attend(booking: &Booking, event: &Event, mark: Mark, now: DateTime<Utc>) -> Result<Corrected, Denial> {
    if !booking.state.holds_spot() || event.state == EventState::Canceled {
        return Err(Denial::state("events.override.no_attendance")
            .because("booking.status", booking.state)
            .because("event.status", event.state)
            .remedy("Only a client with a spot came or did not: restore the booking first.", None));
    }
    if !event.has_started(now) {
        return Err(Denial::state("events.override.not_started")
            .because("event.starts_at", event.local(event.starts_at))
            .because("now", event.local(now))
            .remedy("The event has not started: nobody can have come or not.", None));
    }
    let (state, fee) = match mark {
        Mark::Attended => (BookingState::Attended, event.rules.nothing()),
        Mark::NoShow => (BookingState::NoShow, event.noshow_fee()),
    };
    if booking.state == state {
        return Err(same(booking));
    }
    let after = Booking { excuse: None, ..booking.moved_to(state, fee, now) };
    let mut effects = vec![match mark {
        Mark::Attended => "The client counts as having come.".to_owned(),
        Mark::NoShow => "The client counts as not having come.".to_owned(),
    }];
    effects.extend(fee_effect(booking.fee, fee));
    Ok(unseated(event, booking, after, effects))
}

/// Waives the fee of `booking`, because of `reason`.
///
/// # Errors
/// `events.excuse.no_fee`.
pub fn waive_fee(booking: &Booking, event: &Event, reason: &str) -> Result<Corrected, Denial> {
    let (after, fee) = booking.excuse(event, reason.to_owned())?;
    let effects = fee_effect(fee, after.fee).into_iter().collect();
    Ok(unseated(event, booking, after, effects))
}

/// Takes the fee of the location for `booking` after all.
///
/// # Errors
/// `events.override.no_fee`.
pub fn restore_fee(booking: &Booking, event: &Event) -> Result<Corrected, Denial> {
    let fee = match booking.state {
        BookingState::NoShow => event.noshow_fee(),
        BookingState::CanceledLate => event.late_cancel_fee(),
        BookingState::Booked | BookingState::Attended | BookingState::Canceled => event.rules.nothing(),
    };
    if fee.is_zero() || !booking.fee.is_zero() {
        return Err(Denial::state("events.override.no_fee")
            .because("booking.status", booking.state)
            .because("booking.fee", booking.fee)
            .because("location.fee", fee)
            .remedy("The location takes no fee for this booking, or takes it already.", None));
    }
    let after = Booking { fee, excuse: None, ..booking.clone() };
    let effects = fee_effect(booking.fee, fee).into_iter().collect();
    Ok(unseated(event, booking, after, effects))
}

fn same(booking: &Booking) -> Denial {
    Denial::state("events.override.same")
        .because("booking.status", booking.state)
        .remedy("The booking says so already.", None)
}

fn check_spot(context: &BookingContext, now: DateTime<Utc>) -> Result<crate::Visit, Denial> {
    let event = &context.event;
    if is_over(event, now) {
        return Err(Denial::state("events.override.over")
            .because("event.status", event.state)
            .because("event.ends_at", event.local(event.ends_at))
            .because("now", event.local(now))
            .remedy("Nobody can be expected at an event that is over or was called off.", None));
    }
    event.be_hosted().map_err(to_staff)?;
    context.booking_client.be_active().map_err(to_staff)?;
    let visit = context.booking_client.may_come(event).map_err(to_staff)?;
    if event.spots.free() == 0 && event.spots.total() >= Spots::MAX {
        return Err(Denial::state("events.override.no_more_spots")
            .because("event.spots_total", event.spots.total())
            .remedy("The event has as many spots as an event can have.", None));
    }
    Ok(visit)
}

fn with_spot(
    context: &BookingContext,
    before: Option<&Booking>,
    after: Booking,
    now: DateTime<Utc>,
) -> Result<Corrected, Denial> {
    let event = &context.event;
    let adds_spot = event.spots.free() == 0;
    let mut effects = vec!["The client has a spot.".to_owned()];
    if adds_spot {
        let total = event.spots.total();
        effects.push(format!("The event is full and gets one spot more: {} instead of {total}.", total + 1));
    }
    let ahead = context.waiting - u32::from(context.rank.is_some());
    if ahead > 0 {
        effects.push(format!("The client goes before {ahead} others on the waitlist."));
    }
    if event.take_bookings(now).is_err() {
        effects.push("The spot is given at a time at which the event takes no bookings.".to_owned());
    }
    effects.extend(before.and_then(|before| fee_effect(before.fee, after.fee)));
    Ok(Corrected {
        event: event.clone(),
        before: before.cloned(),
        after,
        adds_spot,
        leaves_waitlist: context.rank.is_some(),
        effects,
    })
}

fn unseated(event: &Event, before: &Booking, after: Booking, effects: Vec<String>) -> Corrected {
    let before = Some(before.clone());
    Corrected { event: event.clone(), before, after, adds_spot: false, leaves_waitlist: false, effects }
}

fn fee_effect(before: Money, after: Money) -> Option<String> {
    match (before.is_zero(), after.is_zero()) {
        (true, true) => None,
        (_, true) => Some(format!("The fee of {before} is not collected.")),
        _ if before == after => None,
        _ => Some(format!("A fee of {after} is collected.")),
    }
}
