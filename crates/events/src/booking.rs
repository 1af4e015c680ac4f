//! A client's booking of a spot at an event, and its states (EVT-03).
//!
//! Check-in and no-shows are in [`crate::attendance`].

use crate::Event;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{BookingId, ClientId, Denial, EventId, Fact, Money, OrganizationId, UserId};

/// The state of a booking. The first three states hold a spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BookingState {
    /// The client is expected.
    Booked,
    /// The client came.
    Attended,
    /// The client did not come and did not cancel.
    NoShow,
    /// Canceled in time by the client, or called off by the location.
    Canceled,
    /// Canceled too late by the client.
    CanceledLate,
}

impl BookingState {
    /// Whether a booking in this state takes a spot.
    #[must_use]
    pub const fn holds_spot(self) -> bool {
        matches!(self, Self::Booked | Self::Attended | Self::NoShow)
    }
}

/// A client's spot at an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// The id of the booking.
    pub id: BookingId,
    /// The event that was booked.
    pub event: EventId,
    /// The client who holds the booking.
    pub client: ClientId,
    /// The user account of the client.
    pub user: UserId,
    /// The home location of the client, for which the booking counts (EVT-03 `booking_org_id`).
    pub booked_from: OrganizationId,
    /// The location where the event takes place (EVT-03 `attended_org_id`).
    pub attended_at: OrganizationId,
    /// The state of the booking.
    pub state: BookingState,
    /// When the booking entered that state.
    pub state_at: DateTime<Utc>,
    /// Whether the client has attended nothing before.
    pub is_first_timer: bool,
    /// Whether the booking was promoted from the waitlist.
    pub from_waitlist: bool,
    /// The price of the visit; billing collects it.
    pub price: Money,
    /// The fee for canceling late or not coming; billing collects it.
    pub fee: Money,
    /// The reason for which the fee was waived.
    pub excuse: Option<String>,
    /// When the booking was made.
    pub created_at: DateTime<Utc>,
    /// The staff member who booked for the client; none when the client booked.
    pub booked_by: Option<UserId>,
    /// The staff member who canceled for the client; none when the client canceled.
    pub canceled_by: Option<UserId>,
}

impl Booking {
    /// Cancels the booking (EVT-08): free up to and including the end of the cancellation window, and
    /// for the fee of the location after that.
    ///
    /// # Errors
    /// `events.cancel_booking.not_booked`, `events.cancel_booking.started`.
    pub fn give_back(&self, event: &Event, now: DateTime<Utc>) -> Result<(Self, Vec<Fact>), Denial> {
        if self.state != BookingState::Booked {
            return Err(Denial::state("events.cancel_booking.not_booked")
                .because("booking.status", self.state)
                .because("booking.status_at", event.local(self.state_at))
                .remedy("There is nothing left to cancel.", None));
        }
        if event.has_started(now) {
            return Err(Denial::state("events.cancel_booking.started")
                .because("event.starts_at", event.local(event.starts_at))
                .because("now", event.local(now))
                .remedy("If you could not come, ask the front desk to excuse you.", None));
        }
        let until = event.free_cancellation_until();
        let (state, fee) = match now <= until {
            true => (BookingState::Canceled, event.rules.nothing()),
            false => (BookingState::CanceledLate, event.late_cancel_fee()),
        };
        let facts = vec![
            Fact::new("event.starts_at", event.local(event.starts_at)),
            Fact::new("event.free_cancellation_until", event.local(until)),
            Fact::new("now", event.local(now)),
            Fact::new("booking.fee", fee),
        ];
        Ok((self.moved_to(state, fee, now), facts))
    }

    /// Whether the event takes place away from the client's home location.
    #[must_use]
    pub fn is_visit(&self) -> bool {
        self.booked_from != self.attended_at
    }

    pub(crate) fn moved_to(&self, state: BookingState, fee: Money, now: DateTime<Utc>) -> Self {
        Self { state, fee, state_at: now, ..self.clone() }
    }
}
