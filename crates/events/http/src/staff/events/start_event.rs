//! `POST /events/{event_id}/start`: an event is started.

use actix_web::post;
use tryzore_events::{self as events, permission::ManageAttendance};
use tryzore_events_postgres::{
    Events,
    views::detail::{EventDetail, changed_event},
};
use tryzore_kernel::EventId;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Once, Path, Reply};

/// Start an event
///
/// Possible from the time that check-in opens.
#[utoipa::path(
    tag = "attendance",
    params(("event_id" = EventId, Path)),
    responses((status = 200, body = EventDetail)),
    extensions(
        ("x-permission" = json!("events.manage_attendance")),
        ("x-denials" = json!(["events.start.not_open", "events.start.too_early"]))
    )
)]
#[post("/events/{event_id}/start")]
pub(super) async fn start_event(
    Allow(permit): Allow<ManageAttendance>,
    Path(event): Path<EventId>,
    once: Once,
) -> Result<Reply<EventDetail>, ApiError> {
    let start = async |tx: &mut TenantTx, now| {
        let event = events::start_event(&permit, &mut tx.events(), event, now).await?;
        changed_event(&permit, &mut tx.events(), event.id).await
    };
    once.done(&permit, start).await
}
