//! `GET /events/cross-location`: the events of other locations that a client may visit.

use super::browse::Browse;
use actix_web::{get, web::Data};
use tryzore_events::permission::BrowseSchedule;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::schedule::{EventCard, cross_location_schedule};
use tryzore_kernel::Page;
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};

/// List events of other locations
///
/// The events of other locations that accept you as a visitor, ordered by start. To book one, switch to its
/// location first.
#[utoipa::path(
    operation_id = "list_cross_location_schedule",
    tag = "events",
    params(Browse, Paging),
    responses((status = 200, body = Page<EventCard>)),
    extensions(("x-permission" = json!("own.view_schedule")))
)]
#[get("/events/cross-location")]
pub(super) async fn list_cross_location_events(
    Allow(permit): Allow<BrowseSchedule>,
    Listing(browse, paging): Listing<Browse>,
    db: Data<Db>,
) -> Result<Listed<EventCard>, ApiError> {
    let asked = browse.filter(&paging)?;
    let page = db
        .tenant_tx(&permit, async |tx| cross_location_schedule(&permit, &mut tx.events(), &asked).await)
        .await?;
    Ok(paging.answer(page))
}
