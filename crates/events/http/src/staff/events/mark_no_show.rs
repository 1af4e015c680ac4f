//! `POST /events/{event_id}/bookings/{booking_id}/no-show`: a client did not come.

use super::attendance::AttendanceView;
use actix_web::post;
use serde::Deserialize;
use tryzore_events::{self as events, permission::ManageAttendance};
use tryzore_events_postgres::Events;
use tryzore_kernel::{BookingId, EventId};
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Once, Path, Reply};
use utoipa::ToSchema;

/// Why a client did not come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Absence {
    /// The excuse; with one, no fee is due.
    #[schema(min_length = 1, max_length = 500)]
    excuse: Option<String>,
}

/// Mark a client as a no-show
///
/// Possible from the start of the event. The no-show fee of the location is due, unless the client is
/// excused.
#[utoipa::path(
    tag = "attendance",
    params(("event_id" = EventId, Path), ("booking_id" = BookingId, Path)),
    request_body = Absence,
    responses((status = 200, body = AttendanceView)),
    extensions(
        ("x-permission" = json!("events.manage_attendance")),
        ("x-denials" = json!([
            "events.no_show.canceled",
            "events.no_show.not_booked",
            "events.no_show.not_started",
        ]))
    )
)]
#[post("/events/{event_id}/bookings/{booking_id}/no-show")]
pub(super) async fn mark_no_show(
    Allow(permit): Allow<ManageAttendance>,
    Path((event, booking)): Path<(EventId, BookingId)>,
    Body(Absence { excuse }): Body<Absence>,
    once: Once,
) -> Result<Reply<AttendanceView>, ApiError> {
    let mark = async |tx: &mut TenantTx, now| {
        let marked = events::mark_no_show(&permit, &mut tx.events(), booking, excuse.as_deref(), now).await?;
        AttendanceView::below(event, marked)
    };
    once.done(&permit, mark).await
}
