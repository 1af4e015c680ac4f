//! A booking after its attendance was recorded.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_events::{Booking, BookingState, UseCaseError};
use tryzore_kernel::{BookingId, ClientId, EventId, Money, OrganizationId, UserId};
use utoipa::ToSchema;

/// The attendance of a client.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AttendanceView {
    /// The id of the booking.
    booking_id: BookingId,
    /// The event that was booked.
    event_id: EventId,
    /// The client who booked.
    client_id: ClientId,
    /// The home location of the client.
    home_organization_id: OrganizationId,
    /// The status of the booking.
    status: BookingState,
    /// When the status was set.
    status_at: DateTime<Utc>,
    /// Whether this is the first visit of the client, whom staff may want to greet.
    is_first_timer: bool,
    /// Whether the home location of the client is another one.
    is_visit: bool,
    /// The price of the visit.
    price: Money,
    /// The fee for not attending.
    fee: Money,
    /// The reason why no fee is due.
    excuse: Option<String>,
    /// The employee who booked for the client; null if the client booked.
    booked_by_user_id: Option<UserId>,
    /// The employee who canceled for the client; null if the client canceled.
    canceled_by_user_id: Option<UserId>,
}

impl From<Booking> for AttendanceView {
    fn from(booking: Booking) -> Self {
        Self {
            is_visit: booking.is_visit(),
            booking_id: booking.id,
            event_id: booking.event,
            client_id: booking.client,
            home_organization_id: booking.booked_from,
            status: booking.state,
            status_at: booking.state_at,
            is_first_timer: booking.is_first_timer,
            price: booking.price,
            fee: booking.fee,
            excuse: booking.excuse,
            booked_by_user_id: booking.booked_by,
            canceled_by_user_id: booking.canceled_by,
        }
    }
}

impl AttendanceView {
    /// The view of a booking, which can be found only below its own event.
    pub(super) fn below(event: EventId, booking: Booking) -> Result<Self, UseCaseError> {
        if booking.event == event { Ok(booking.into()) } else { Err(UseCaseError::NotFound("booking")) }
    }
}
