//! `DELETE /events/{event_id}`: an event is canceled.

use actix_web::{
    delete,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};
use tryzore_events::{self as events, CalledOff, permission::CancelEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::EventId;
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Path};
use utoipa::ToSchema;

/// Why an event is canceled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelReason {
    /// The reason, which everyone on the roster and the waitlist will read.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// The number of clients who are affected.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CalledOffView {
    /// The number of booked clients.
    booked: u32,
    /// The number of clients on the waitlist.
    waiting: u32,
}

impl From<CalledOff> for CalledOffView {
    fn from(concerned: CalledOff) -> Self {
        Self { booked: concerned.booked, waiting: concerned.waiting }
    }
}

/// Cancel an event
///
/// Cancels the event for everyone who booked, free of charge. Canceling it again has no effect.
#[utoipa::path(
    tag = "events",
    params(("event_id" = EventId, Path)),
    request_body = CancelReason,
    responses((status = 200, body = CalledOffView)),
    extensions(("x-permission" = json!("events.cancel")), ("x-denials" = json!(["events.cancel.completed"])))
)]
#[delete("/events/{event_id}")]
pub(super) async fn cancel_event(
    Allow(permit): Allow<CancelEvent>,
    Path(event): Path<EventId>,
    Body(CancelReason { reason }): Body<CancelReason>,
    db: Data<Db>,
) -> Result<Json<CalledOffView>, ApiError> {
    let now = db.clock().now();
    let cancel =
        async |tx: &mut TenantTx| events::cancel_event(&permit, &mut tx.events(), event, &reason, now).await;
    Ok(Json(db.tenant_tx(&permit, cancel).await?.into()))
}
