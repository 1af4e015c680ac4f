//! `GET /events/{event_id}`: one event.

use actix_web::{get, web::Data};
use tryzore_events::permission::ViewEvents;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::detail::{EventDetail, staff_event};
use tryzore_kernel::{EventId, Problem};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Path, Resource};

/// Get an event
///
/// The event with its version as `ETag`.
#[utoipa::path(
    tag = "events",
    params(("event_id" = EventId, Path)),
    responses((status = 200, body = EventDetail)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/events/{event_id}")]
pub(super) async fn get_event(
    Allow(permit): Allow<ViewEvents>,
    Path(event): Path<EventId>,
    db: Data<Db>,
) -> Result<Resource<EventDetail>, ApiError> {
    let found = db.tenant_tx(&permit, async |tx| staff_event(&permit, &mut tx.events(), event).await).await?;
    let found = found.ok_or_else(|| Problem::not_found("event"))?;
    Ok(Resource(found))
}
