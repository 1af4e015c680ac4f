//! `POST /events/{event_id}/bookings/{booking_id}/check-in`: a client is checked in.

use super::attendance::AttendanceView;
use actix_web::post;
use tryzore_events::{self as events, permission::ManageAttendance};
use tryzore_events_postgres::Events;
use tryzore_kernel::{BookingId, EventId};
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Once, Path, Reply};

/// Check a client in
///
/// Possible from some minutes before the start of the event until its end. Checking in twice has no effect.
#[utoipa::path(
    operation_id = "check_in_client",
    tag = "attendance",
    params(("event_id" = EventId, Path), ("booking_id" = BookingId, Path)),
    responses((status = 200, body = AttendanceView)),
    extensions(
        ("x-permission" = json!("events.manage_attendance")),
        ("x-denials" = json!([
            "events.check_in.not_booked",
            "events.check_in.not_open",
            "events.check_in.over",
            "events.check_in.too_early",
        ]))
    )
)]
#[post("/events/{event_id}/bookings/{booking_id}/check-in")]
pub(super) async fn check_in(
    Allow(permit): Allow<ManageAttendance>,
    Path((event, booking)): Path<(EventId, BookingId)>,
    once: Once,
) -> Result<Reply<AttendanceView>, ApiError> {
    let check_in = async |tx: &mut TenantTx, now| {
        AttendanceView::below(event, events::check_in(&permit, &mut tx.events(), booking, now).await?)
    };
    once.done(&permit, check_in).await
}
