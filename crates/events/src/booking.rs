//! A client's spot at an event, and what becomes of it (EVT-03).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{BookingId, ClientId, EventId, Money, OrganizationId, UserId};

/// What became of a booking. The first three hold a spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingState {
    /// The client is expected.
    Booked,
    /// The client came.
    Attended,
    /// The client did not come and did not say so.
    NoShow,
    /// Given back in time.
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
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
