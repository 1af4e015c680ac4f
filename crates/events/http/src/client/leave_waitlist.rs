//! `DELETE /events/{event_id}/waitlist`: a client leaves the waitlist.

use actix_web::{
    delete,
    web::{Data, Json},
};
use serde::Serialize;
use tryzore_events::{self as events, Rank, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::EventId;
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Path};
use utoipa::ToSchema;

/// The position that was given up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LeftView {
    /// The position, from 1.
    position: u32,
    /// The length of the waitlist before.
    of: u32,
}

impl From<Rank> for LeftView {
    fn from(rank: Rank) -> Self {
        Self { position: rank.position, of: rank.of }
    }
}

/// Leave the waitlist
///
/// Leaving the waitlist is free at any time. The response names the position that you gave up.
#[utoipa::path(
    tag = "events",
    params(("event_id" = EventId, Path)),
    responses((status = 200, body = LeftView)),
    extensions(("x-permission" = json!("own.book")))
)]
#[delete("/events/{event_id}/waitlist")]
pub(super) async fn leave_waitlist(
    Allow(permit): Allow<BookEvent>,
    Path(event): Path<EventId>,
    db: Data<Db>,
) -> Result<Json<LeftView>, ApiError> {
    let now = db.clock().now();
    let db = db.queued_on(event.uuid());
    let rank =
        db.tenant_tx(&permit, async |tx| events::leave(&permit, &mut tx.events(), event, now).await).await?;
    Ok(Json(rank.into()))
}
