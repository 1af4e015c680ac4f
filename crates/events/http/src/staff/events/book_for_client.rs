//! `POST /events/{event_id}/bookings`: staff book a spot for a client.

use super::attendance::AttendanceView;
use actix_web::post;
use serde::Deserialize;
use tryzore_events::{self as events, permission::ManageAttendance};
use tryzore_events_postgres::Events;
use tryzore_kernel::{ClientId, EventId};
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Once, Path, Reply};
use utoipa::ToSchema;

/// The client to book for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForClient {
    /// The client.
    pub(super) client_id: ClientId,
}

/// Book an event for a client
///
/// The rules are the same as when clients book themselves. The booking names the employee who made it, and the
/// location of the event counts as the one that the client chose.
#[utoipa::path(
    operation_id = "create_client_booking",
    tag = "attendance",
    params(("event_id" = EventId, Path)),
    request_body = ForClient,
    responses((status = 201, body = AttendanceView)),
    extensions(
        ("x-permission" = json!("events.manage_attendance")),
        ("x-denials" = json!(crate::denials::BOOK))
    )
)]
#[post("/events/{event_id}/bookings")]
pub(super) async fn book_for_client(
    Allow(permit): Allow<ManageAttendance>,
    Path(event): Path<EventId>,
    Body(ForClient { client_id }): Body<ForClient>,
    once: Once,
) -> Result<Reply<AttendanceView>, ApiError> {
    let book = async |tx: &mut TenantTx, now| {
        events::book_for(&permit, &mut tx.events(), event, client_id, now).await.map(AttendanceView::from)
    };
    once.created(&permit, book).await
}
