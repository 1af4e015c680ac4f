//! `POST /events/{event_id}/bookings/{booking_id}/undo`: a wrong check-in or no-show is undone.

use super::attendance::AttendanceView;
use actix_web::post;
use tryzore_events::{self as events, permission::ManageAttendance};
use tryzore_events_postgres::Events;
use tryzore_kernel::{BookingId, EventId};
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Once, Path, Reply};

/// Undo a check-in or a no-show
///
/// While the event runs the client is expected again. After its end, a no-show becomes an attendance. The
/// fee is removed.
#[utoipa::path(
    tag = "attendance",
    params(("event_id" = EventId, Path), ("booking_id" = BookingId, Path)),
    responses((status = 200, body = AttendanceView)),
    extensions(
        ("x-permission" = json!("events.manage_attendance")),
        ("x-denials" = json!(["events.undo.nothing", "events.undo.over"]))
    )
)]
#[post("/events/{event_id}/bookings/{booking_id}/undo")]
pub(super) async fn undo_attendance(
    Allow(permit): Allow<ManageAttendance>,
    Path((event, booking)): Path<(EventId, BookingId)>,
    once: Once,
) -> Result<Reply<AttendanceView>, ApiError> {
    let undo = async |tx: &mut TenantTx, now| {
        AttendanceView::below(event, events::undo_attendance(&permit, &mut tx.events(), booking, now).await?)
    };
    once.done(&permit, undo).await
}
