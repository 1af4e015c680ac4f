//! `GET /events/{event_id}`: one event, as a client sees it.

use actix_web::{get, web::Data};
use tryzore_events::permission::BrowseSchedule;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::detail::{EventDetail, client_event};
use tryzore_kernel::{EventId, Problem};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Path, Resource};

/// Get an event
///
/// The event with your own booking or your place on the waitlist, the price for you, and the time until
/// which canceling is free.
#[utoipa::path(
    operation_id = "get_scheduled_event",
    tag = "events",
    params(("event_id" = EventId, Path)),
    responses((status = 200, body = EventDetail)),
    extensions(("x-permission" = json!("own.view_schedule")))
)]
#[get("/events/{event_id}")]
pub(super) async fn get_event(
    Allow(permit): Allow<BrowseSchedule>,
    Path(event): Path<EventId>,
    db: Data<Db>,
) -> Result<Resource<EventDetail>, ApiError> {
    let found =
        db.tenant_tx(&permit, async |tx| client_event(&permit, &mut tx.events(), event).await).await?;
    Ok(Resource(found.ok_or_else(|| Problem::not_found("event"))?))
}
