//! `DELETE /events/{event_id}/bookings/{booking_id}`: staff cancel a booking for its client.

use super::attendance::AttendanceView;
use actix_web::{
    delete,
    web::{Data, Json},
};
use tryzore_events::{self as events, permission::ManageAttendance};
use tryzore_events_postgres::Events;
use tryzore_kernel::{BookingId, EventId};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Path};

/// Cancel a booking for a client
///
/// The rules are the same as when clients cancel themselves: free until the end of the cancellation window of the
/// location; after that the status is `canceled_late` and the `fee` of the response is due, which an excuse waives.
/// The booking names the employee who canceled it, and the first client on the waitlist gets the spot at once.
#[utoipa::path(
    operation_id = "cancel_client_booking",
    tag = "attendance",
    params(("event_id" = EventId, Path), ("booking_id" = BookingId, Path)),
    responses((status = 200, body = AttendanceView)),
    extensions(
        ("x-permission" = json!("events.manage_attendance")),
        ("x-denials" = json!(["events.cancel_booking.not_booked", "events.cancel_booking.started"]))
    )
)]
#[delete("/events/{event_id}/bookings/{booking_id}")]
pub(super) async fn cancel_for_client(
    Allow(permit): Allow<ManageAttendance>,
    Path((event, booking)): Path<(EventId, BookingId)>,
    db: Data<Db>,
) -> Result<Json<AttendanceView>, ApiError> {
    let now = db.clock().now();
    let view = db.tenant_tx(&permit, async |tx| {
        AttendanceView::below(
            event,
            events::cancel_booking_for(&permit, &mut tx.events(), booking, now).await?,
        )
    });
    Ok(Json(view.await?))
}
