//! `GET /events/{event_id}/waitlist`: the clients on the waitlist.

use actix_web::{get, web::Data};
use tryzore_events::permission::ViewEvents;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::roster::{WaitlistCandidateRow, waitlist};
use tryzore_kernel::{EventId, Page, Problem};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Listed, Path};

/// Get the waitlist of an event
///
/// The clients on the waitlist in their order. All entries are on one page: an event has at most 500.
#[utoipa::path(
    tag = "events",
    params(("event_id" = EventId, Path)),
    responses((status = 200, body = Page<WaitlistCandidateRow>)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/events/{event_id}/waitlist")]
pub(super) async fn get_waitlist(
    Allow(permit): Allow<ViewEvents>,
    Path(event): Path<EventId>,
    db: Data<Db>,
) -> Result<Listed<WaitlistCandidateRow>, ApiError> {
    let found = db.tenant_tx(&permit, async |tx| waitlist(&permit, &mut tx.events(), event).await).await?;
    let data = found.ok_or_else(|| Problem::not_found("event"))?;
    Ok(Listed::whole(data))
}
