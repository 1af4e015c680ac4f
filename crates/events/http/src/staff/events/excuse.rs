//! `POST /events/{event_id}/bookings/{booking_id}/excuse`: a no-show is excused.

use super::attendance::AttendanceView;
use actix_web::post;
use serde::Deserialize;
use tryzore_events::{self as events, permission::ManageAttendance};
use tryzore_events_postgres::Events;
use tryzore_kernel::{BookingId, EventId};
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Once, Path, Reply};
use utoipa::ToSchema;

/// Why a client is excused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Excuse {
    /// The reason.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Excuse a client
///
/// Waives the fee for not attending.
#[utoipa::path(
    operation_id = "excuse_client",
    tag = "attendance",
    params(("event_id" = EventId, Path), ("booking_id" = BookingId, Path)),
    request_body = Excuse,
    responses((status = 200, body = AttendanceView)),
    extensions(
        ("x-permission" = json!("events.manage_attendance")),
        ("x-denials" = json!(["events.excuse.no_fee"]))
    )
)]
#[post("/events/{event_id}/bookings/{booking_id}/excuse")]
pub(super) async fn excuse(
    Allow(permit): Allow<ManageAttendance>,
    Path((event, booking)): Path<(EventId, BookingId)>,
    Body(Excuse { reason }): Body<Excuse>,
    once: Once,
) -> Result<Reply<AttendanceView>, ApiError> {
    let excuse = async |tx: &mut TenantTx, now| {
        let excused = events::excuse(&permit, &mut tx.events(), booking, &reason, now).await?;
        AttendanceView::below(event, excused)
    };
    once.done(&permit, excuse).await
}
