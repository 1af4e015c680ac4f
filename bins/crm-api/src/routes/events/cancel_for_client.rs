//! `DELETE /events/{event}/bookings/{booking}`: staff cancel a booking for its client.

use super::attendance::AttendanceView;
use actix_web::{
    delete,
    web::{Data, Json},
};
use tryzore_events::{self as events, permission::ManageAttendance};
use tryzore_kernel::{BookingId, EventId};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Path};

/// Cancel a booking for its client
///
/// By the rules that hold when clients cancel themselves: free up to the end of the location's window;
/// later it is `canceled_late` and costs the `fee` that the answer says, which can be excused. The
/// booking says who of the staff canceled it, and the first in line gets the spot at once.
#[utoipa::path(
    tag = "attendance",
    params(("event" = EventId, Path), ("booking" = BookingId, Path)),
    responses((status = 200, body = AttendanceView)),
    extensions(("x-permission" = json!("events.manage_attendance")))
)]
#[delete("/events/{event}/bookings/{booking}")]
pub(super) async fn cancel_for_client(
    Allow(permit): Allow<ManageAttendance>,
    Path((event, booking)): Path<(EventId, BookingId)>,
    db: Data<Db>,
) -> Result<Json<AttendanceView>, ApiError> {
    let now = db.clock().now();
    let view = db.tenant_tx(&permit, async |tx| {
        AttendanceView::below(event, events::cancel_booking_for(&permit, tx, booking, now).await?)
    });
    Ok(Json(view.await?))
}
