//! `POST /events/{event_id}/confirm`: an event is confirmed.

use actix_web::post;
use tryzore_events::{self as events, permission::EditEvent};
use tryzore_events_postgres::{
    Events,
    views::detail::{EventDetail, changed_event},
};
use tryzore_kernel::EventId;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Once, Path, Reply};

/// Confirm an event
///
/// Confirms that the event will take place. You may confirm any event, or only those that you lead,
/// depending on your permissions.
#[utoipa::path(
    tag = "events",
    params(("event_id" = EventId, Path)),
    responses((status = 200, body = EventDetail)),
    extensions(
        ("x-permission" = json!("events.edit_all")),
        ("x-denials" = json!(["events.confirm.not_scheduled"]))
    )
)]
#[post("/events/{event_id}/confirm")]
pub(super) async fn confirm_event(
    Allow(permit): Allow<EditEvent>,
    Path(event): Path<EventId>,
    once: Once,
) -> Result<Reply<EventDetail>, ApiError> {
    let confirm = async |tx: &mut TenantTx, now| {
        let event = events::confirm_event(&permit, &mut tx.events(), event, now).await?;
        changed_event(&permit, &mut tx.events(), event.id).await
    };
    once.done(&permit, confirm).await
}
