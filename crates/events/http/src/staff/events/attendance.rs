//! A booking as the front desk sees it after a mark.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_events::{Booking, BookingState, UseCaseError};
use tryzore_kernel::{BookingId, ClientId, EventId, Money, OrganizationId, UserId};
use utoipa::ToSchema;

/// Whether a client came.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AttendanceView {
    /// The booking.
    booking_id: BookingId,
    /// Of what.
    event_id: EventId,
    /// The client.
    client_id: ClientId,
    /// Her home.
    home_organization_id: OrganizationId,
    /// What became of it.
    status: BookingState,
    /// Since when.
    status_at: DateTime<Utc>,
    /// Whether the client has never attended anything before: greet her.
    is_first_timer: bool,
    /// Whether she is at home elsewhere.
    is_visit: bool,
    /// What the visit costs.
    price: Money,
    /// What not coming costs.
    fee: Money,
    /// Why there is no fee.
    excuse: Option<String>,
    /// Who of the staff booked for the client; null when the client did.
    booked_by_user_id: Option<UserId>,
    /// Who of the staff canceled for the client; null when the client did.
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
    /// The booking, which is to be found below its own event only.
    pub(super) fn below(event: EventId, booking: Booking) -> Result<Self, UseCaseError> {
        if booking.event == event { Ok(booking.into()) } else { Err(UseCaseError::NotFound("booking")) }
    }
}
