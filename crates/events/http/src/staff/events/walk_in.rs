//! `POST /events/{event_id}/walk-ins`: a client without a booking is checked in.

use super::attendance::AttendanceView;
use actix_web::post;
use serde::Deserialize;
use tryzore_events::{self as events, permission::ManageAttendance};
use tryzore_events_postgres::Events;
use tryzore_kernel::{ClientId, EventId};
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Once, Path, Reply};
use utoipa::ToSchema;

/// The client who came without a booking.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WalkIn {
    /// The client.
    #[serde(rename = "client_id")]
    client: ClientId,
}

/// Check in a client without a booking
///
/// Books and checks in at once when there is a spot. A client who has a booking is checked in with it.
#[utoipa::path(
    operation_id = "add_walk_in",
    tag = "attendance",
    params(("event_id" = EventId, Path)),
    request_body = WalkIn,
    responses((status = 200, body = AttendanceView)),
    extensions(
        ("x-permission" = json!("events.manage_attendance")),
        ("x-denials" = json!([
            "events.book.client_archived",
            "events.book.location_closed",
            "events.book.location_not_selected",
            "events.book.location_restricted",
            "events.book.visitors_not_taken",
            "events.check_in.not_booked",
            "events.check_in.not_open",
            "events.check_in.over",
            "events.check_in.too_early",
            "events.walk_in.full",
        ]))
    )
)]
#[post("/events/{event_id}/walk-ins")]
pub(super) async fn walk_in(
    Allow(permit): Allow<ManageAttendance>,
    Path(event): Path<EventId>,
    Body(WalkIn { client }): Body<WalkIn>,
    once: Once,
) -> Result<Reply<AttendanceView>, ApiError> {
    let check_in = async |tx: &mut TenantTx, now| {
        events::walk_in(&permit, &mut tx.events(), event, client, now).await.map(AttendanceView::from)
    };
    once.done(&permit, check_in).await
}
