//! `GET /events/cross-location`: the events of other locations that staff can offer to clients.

use super::browse::Browse;
use actix_web::{get, web::Data};
use tryzore_events::permission::ViewEvents;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::schedule::{EventCard, staff_cross_location_schedule};
use tryzore_kernel::Page;
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};

/// List events of other locations
///
/// The events of the other locations that you see and that accept visitors, ordered by start.
#[utoipa::path(
    tag = "events",
    params(Browse, Paging),
    responses((status = 200, body = Page<EventCard>)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/events/cross-location")]
pub(super) async fn list_cross_location_events(
    Allow(permit): Allow<ViewEvents>,
    Listing(browse, paging): Listing<Browse>,
    db: Data<Db>,
) -> Result<Listed<EventCard>, ApiError> {
    let query = browse.filter(&paging)?;
    let page =
        async |tx: &mut TenantTx| staff_cross_location_schedule(&permit, &mut tx.events(), &query).await;
    Ok(paging.answer(db.tenant_tx(&permit, page).await?))
}
