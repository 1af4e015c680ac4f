//! `GET /events`: the schedule for clients.

use super::browse::Browse;
use actix_web::{get, web::Data};
use tryzore_events::permission::BrowseSchedule;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::schedule::{EventCard, client_schedule};
use tryzore_kernel::Page;
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};

/// List events
///
/// The events at the requested location, or at the location of your session, ordered by start. Each has
/// your own booking or your place on the waitlist.
#[utoipa::path(
    operation_id = "list_schedule",
    tag = "events",
    params(Browse, Paging),
    responses((status = 200, body = Page<EventCard>)),
    extensions(("x-permission" = json!("own.view_schedule")))
)]
#[get("/events")]
pub(super) async fn list_events(
    Allow(permit): Allow<BrowseSchedule>,
    Listing(browse, paging): Listing<Browse>,
    db: Data<Db>,
) -> Result<Listed<EventCard>, ApiError> {
    let asked = browse.filter(&paging)?;
    let page =
        db.tenant_tx(&permit, async |tx| client_schedule(&permit, &mut tx.events(), &asked).await).await?;
    Ok(paging.answer(page))
}
