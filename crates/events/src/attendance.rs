//! Check-in (EVT-11) and no-shows (EVT-12).
//!
//! Check-in opens some minutes before the start of the event and closes at its end. A no-show can be
//! marked from the start on; it costs the fee of the location, unless there is an excuse. A mark can be
//! taken back while the event runs; once the event is over, undoing a no-show turns it into an
//! attendance.

use crate::{Booking, BookingState, Event, EventState};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Denial, Money};

impl Event {
    /// Whether clients can be checked in at `now`.
    ///
    /// # Errors
    /// `events.check_in.not_open`, `events.check_in.too_early`, `events.check_in.over`.
    pub fn take_arrivals(&self, now: DateTime<Utc>) -> Result<(), Denial> {
        if self.state.is_final() {
            return Err(Denial::state("events.check_in.not_open")
                .because("event.status", self.state)
                .remedy("The event is over or was called off.", None));
        }
        let opens = self.checkin_opens_at();
        if now < opens {
            return Err(Denial::state("events.check_in.too_early")
                .because("event.checkin_opens_at", self.local(opens))
                .because("event.starts_at", self.local(self.starts_at))
                .because("now", self.local(now))
                .remedy(format!("Check-in opens at {}.", self.local(opens)), None));
        }
        if now >= self.ends_at {
            return Err(Denial::state("events.check_in.over")
                .because("event.ends_at", self.local(self.ends_at))
                .because("now", self.local(now))
                .remedy("Complete the event, then correct who came.", Some("complete_event")));
        }
        Ok(())
    }
}

impl Booking {
    /// Checks the client in. `is_first_timer` says whether the client has attended nothing before now.
    /// Checking in twice changes nothing, because a client may be checked in at the door and at the
    /// front desk.
    ///
    /// # Errors
    /// The errors of [`Event::take_arrivals`]; `events.check_in.not_booked`.
    pub fn check_in(&self, event: &Event, is_first_timer: bool, now: DateTime<Utc>) -> Result<Self, Denial> {
        if self.state == BookingState::Attended {
            return Ok(self.clone());
        }
        event.take_arrivals(now)?;
        if self.state != BookingState::Booked {
            return Err(Denial::state("events.check_in.not_booked")
                .because("booking.status", self.state)
                .remedy(
                    "Take the mark back, or check the client in without a booking.",
                    Some("add_walk_in"),
                ));
        }
        Ok(Self { is_first_timer, ..self.moved_to(BookingState::Attended, self.fee, now) })
    }

    /// Marks that the client did not come. With an excuse there is no fee.
    ///
    /// # Errors
    /// `events.no_show.canceled`, `events.no_show.not_started`, `events.no_show.not_booked`.
    pub fn miss(&self, event: &Event, excuse: Option<String>, now: DateTime<Utc>) -> Result<Self, Denial> {
        if event.state == EventState::Canceled {
            return Err(Denial::state("events.no_show.canceled")
                .because("event.status", event.state)
                .remedy("The event was called off, so nobody can be a no-show.", None));
        }
        if !event.has_started(now) {
            return Err(Denial::state("events.no_show.not_started")
                .because("event.starts_at", event.local(event.starts_at))
                .because("now", event.local(now))
                .remedy("The client may still come.", None));
        }
        if self.state != BookingState::Booked {
            return Err(Denial::state("events.no_show.not_booked")
                .because("booking.status", self.state)
                .remedy("Only a client with a booking can be a no-show.", None));
        }
        let fee = if excuse.is_some() { event.rules.nothing() } else { event.noshow_fee() };
        Ok(Self { excuse, ..self.moved_to(BookingState::NoShow, fee, now) })
    }

    /// Waives the fee for `reason`. Returns the booking and the amount that was waived.
    ///
    /// # Errors
    /// `events.excuse.no_fee`.
    pub fn excuse(&self, event: &Event, reason: String) -> Result<(Self, Money), Denial> {
        if self.fee.is_zero() {
            return Err(Denial::state("events.excuse.no_fee")
                .because("booking.status", self.state)
                .because("booking.fee", self.fee)
                .remedy("There is no fee to waive.", None));
        }
        Ok((Self { fee: event.rules.nothing(), excuse: Some(reason), ..self.clone() }, self.fee))
    }

    /// Takes the last mark back. While the event runs the booking is booked again; once the event is
    /// over, a no-show becomes an attendance. Returns the booking and the fee that was dropped.
    ///
    /// # Errors
    /// `events.undo.nothing`, `events.undo.over`.
    pub fn undo(&self, event: &Event, now: DateTime<Utc>) -> Result<(Self, Money), Denial> {
        let is_over = event.state.is_final() || now >= event.ends_at;
        let state = match (self.state, is_over) {
            (BookingState::NoShow, true) => BookingState::Attended,
            (BookingState::NoShow | BookingState::Attended, false) => BookingState::Booked,
            (BookingState::Attended, true) => {
                return Err(Denial::state("events.undo.over")
                    .because("booking.status", self.state)
                    .because("event.ends_at", event.local(event.ends_at))
                    .remedy("The event is over, so nobody can be expected again.", None));
            }
            (BookingState::Booked | BookingState::Canceled | BookingState::CanceledLate, _) => {
                return Err(Denial::state("events.undo.nothing")
                    .because("booking.status", self.state)
                    .remedy("Neither a check-in nor a no-show was marked.", None));
            }
        };
        Ok((Self { excuse: None, ..self.moved_to(state, event.rules.nothing(), now) }, self.fee))
    }
}
