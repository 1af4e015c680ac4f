//! `GET /events/{event_id}/roster`: the booked clients.

use actix_web::{
    get,
    web::{Data, Json},
};
use tryzore_events::permission::ViewEvents;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::roster::{RosterView, roster};
use tryzore_kernel::{EventId, Problem};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Path};

/// Get the roster of an event
///
/// The clients who booked, ordered by family name. E-mail addresses and phone numbers are included for
/// those who may see the contact data of clients at the location.
#[utoipa::path(
    tag = "events",
    params(("event_id" = EventId, Path)),
    responses((status = 200, body = RosterView)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/events/{event_id}/roster")]
pub(super) async fn get_roster(
    Allow(permit): Allow<ViewEvents>,
    Path(event): Path<EventId>,
    db: Data<Db>,
) -> Result<Json<RosterView>, ApiError> {
    let found = db.tenant_tx(&permit, async |tx| roster(&permit, &mut tx.events(), event).await).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("event"))?))
}
