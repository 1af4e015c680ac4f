//! A client's spot at an event, and what becomes of it (EVT-03).
//!
//! What happens on the day is in [`crate::attendance`].

use crate::Event;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{BookingId, ClientId, Denial, EventId, Fact, Money, OrganizationId, UserId};

/// What became of a booking. The first three hold a spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BookingState {
    /// The client is expected.
    Booked,
    /// The client came.
    Attended,
    /// The client did not come and did not say so.
    NoShow,
    /// Given back in time, or called off by the location.
    Canceled,
    /// Given back too late.
    CanceledLate,
}

impl BookingState {
    /// Whether the spot is taken.
    #[must_use]
    pub const fn holds_spot(self) -> bool {
        matches!(self, Self::Booked | Self::Attended | Self::NoShow)
    }
}

/// A client's spot at an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// Of what.
    pub event: EventId,
    /// For whom.
    pub client: ClientId,
    /// The human behind the client.
    pub user: UserId,
    /// The client's home, where the booking counts (EVT-03 `booking_org_id`).
    pub booked_from: OrganizationId,
    /// Where the event takes place (EVT-03 `attended_org_id`).
    pub attended_at: OrganizationId,
    /// What became of it.
    pub state: BookingState,
    /// When it became so.
    pub state_at: DateTime<Utc>,
    /// Whether the client has never attended anything before.
    pub is_first_timer: bool,
    /// Whether it was promoted from the waitlist.
    pub from_waitlist: bool,
    /// What the visit costs; billing collects it.
    pub price: Money,
    /// What giving it back late or not coming costs; billing collects it.
    pub fee: Money,
    /// Why there is no fee although the client did not come.
    pub excuse: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who of the staff made it for the client; none when the client did.
    pub booked_by: Option<UserId>,
    /// Who of the staff canceled it for the client; none when the client did.
    pub canceled_by: Option<UserId>,
}

impl Booking {
    /// Gives the spot back (EVT-08): for nothing up to the end of the window, that very moment
    /// included, and for the fee of the location after it.
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
                .remedy("If you could not come, ask the front context to excuse you.", None));
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

    /// Whether the client is at home elsewhere.
    #[must_use]
    pub fn is_visit(&self) -> bool {
        self.booked_from != self.attended_at
    }

    pub(crate) fn moved_to(&self, state: BookingState, fee: Money, now: DateTime<Utc>) -> Self {
        Self { state, fee, state_at: now, ..self.clone() }
    }
}
