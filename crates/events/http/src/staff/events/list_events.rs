//! `GET /events`: the schedule of the locations that the caller sees.

use super::browse::Browse;
use actix_web::{get, web::Data};
use tryzore_events::permission::ViewEvents;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::schedule::{EventCard, staff_schedule};
use tryzore_kernel::Page;
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};

/// List events
///
/// The events at the locations that you see, ordered by start: all events, or those that you lead.
#[utoipa::path(
    tag = "events",
    params(Browse, Paging),
    responses((status = 200, body = Page<EventCard>)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/events")]
pub(super) async fn list_events(
    Allow(permit): Allow<ViewEvents>,
    Listing(browse, paging): Listing<Browse>,
    db: Data<Db>,
) -> Result<Listed<EventCard>, ApiError> {
    let query = browse.filter(&paging)?;
    let page =
        db.tenant_tx(&permit, async |tx| staff_schedule(&permit, &mut tx.events(), &query).await).await?;
    Ok(paging.answer(page))
}
