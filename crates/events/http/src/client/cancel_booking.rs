//! `DELETE /events/{event_id}/bookings/{booking_id}`: a client cancels a booking.

use super::book_event::BookingView;
use actix_web::{
    delete,
    web::{Data, Json},
};
use tryzore_events::{self as events, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{BookingId, EventId};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Path};

/// Cancel a booking
///
/// Free until the end of the cancellation window of the location. After that the status is `canceled_late`
/// and the `fee` of the response is due. The first client on the waitlist gets the spot at once.
#[utoipa::path(
    tag = "events",
    params(("event_id" = EventId, Path), ("booking_id" = BookingId, Path)),
    responses((status = 200, body = BookingView)),
    extensions(
        ("x-permission" = json!("own.book")),
        ("x-denials" = json!(["events.cancel_booking.not_booked", "events.cancel_booking.started"]))
    )
)]
#[delete("/events/{event_id}/bookings/{booking_id}")]
pub(super) async fn cancel_booking(
    Allow(permit): Allow<BookEvent>,
    Path((event, booking)): Path<(EventId, BookingId)>,
    db: Data<Db>,
) -> Result<Json<BookingView>, ApiError> {
    let now = db.clock().now();
    let db = db.queued_on(event.uuid());
    let view = db.tenant_tx(&permit, async |tx| {
        BookingView::below(event, events::cancel_booking(&permit, &mut tx.events(), booking, now).await?)
    });
    Ok(Json(view.await?))
}
