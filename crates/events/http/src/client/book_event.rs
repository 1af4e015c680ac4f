//! `POST /events/{event_id}/book`: a client books a spot.

use actix_web::post;
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_events::{self as events, Booking, BookingState, UseCaseError, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{BookingId, EventId, Money, OrganizationId};
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Once, Path, Reply};
use utoipa::ToSchema;

/// A booking of an event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BookingView {
    /// The id of the booking.
    id: BookingId,
    /// The event that was booked.
    event_id: EventId,
    /// The home location of the client.
    home_organization_id: OrganizationId,
    /// The location where the event takes place.
    attended_organization_id: OrganizationId,
    /// The status of the booking.
    status: BookingState,
    /// Whether it is the client's first visit.
    is_first_timer: bool,
    /// The price of the visit.
    price: Money,
    /// The fee for a late cancellation or a no-show.
    fee: Money,
    /// When the booking was made.
    created_at: DateTime<Utc>,
}

impl From<Booking> for BookingView {
    fn from(booking: Booking) -> Self {
        Self {
            id: booking.id,
            event_id: booking.event,
            home_organization_id: booking.booked_from,
            attended_organization_id: booking.attended_at,
            status: booking.state,
            is_first_timer: booking.is_first_timer,
            price: booking.price,
            fee: booking.fee,
            created_at: booking.created_at,
        }
    }
}

impl BookingView {
    /// The view of a booking, which can be found only below its own event.
    pub(super) fn below(event: EventId, booking: Booking) -> Result<Self, UseCaseError> {
        if booking.event == event { Ok(booking.into()) } else { Err(UseCaseError::NotFound("booking")) }
    }
}

/// Book an event
///
/// Refused with a denial when the event is full, other clients wait for it, it has started, booking is
/// closed, or the location does not accept you. The denial names what would change it.
#[utoipa::path(
    tag = "events",
    params(("event_id" = EventId, Path)),
    responses((status = 201, body = BookingView)),
    extensions(("x-permission" = json!("own.book")), ("x-denials" = json!(crate::denials::BOOK)))
)]
#[post("/events/{event_id}/book")]
pub(super) async fn book_event(
    Allow(permit): Allow<BookEvent>,
    Path(event): Path<EventId>,
    once: Once,
) -> Result<Reply<BookingView>, ApiError> {
    let book = async |tx: &mut TenantTx, now| {
        events::book(&permit, &mut tx.events(), event, now).await.map(BookingView::from)
    };
    once.queued_on(event.uuid()).created(&permit, book).await
}
