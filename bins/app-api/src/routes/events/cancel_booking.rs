//! `DELETE /events/{event}/bookings/{booking}`: a client gives her spot back.

use super::book_event::BookingView;
use actix_web::{
    delete,
    web::{Data, Json},
};
use tryzore_events::{self as events, permission::BookEvent};
use tryzore_kernel::{BookingId, EventId};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Path};

/// Give a spot back
///
/// Free up to the end of the location's window; later it is `canceled_late` and costs the `fee` that
/// the answer says. The first on the waitlist gets the spot at once.
#[utoipa::path(
    tag = "events",
    params(("event" = EventId, Path), ("booking" = BookingId, Path)),
    responses((status = 200, body = BookingView)),
    extensions(("x-permission" = json!("own.book")))
)]
#[delete("/events/{event}/bookings/{booking}")]
pub(super) async fn cancel_booking(
    Allow(permit): Allow<BookEvent>,
    Path((event, booking)): Path<(EventId, BookingId)>,
    db: Data<Db>,
) -> Result<Json<BookingView>, ApiError> {
    let now = db.clock().now();
    let db = db.queued_on(event.uuid());
    let view = db.tenant_tx(&permit, async |tx| {
        BookingView::below(event, events::cancel_booking(&permit, tx, booking, now).await?)
    });
    Ok(Json(view.await?))
}
