//! `DELETE /events/{event_id}/waitlist/{entry_id}`: a client is removed from the waitlist.

use actix_web::{HttpResponse, delete, web::Data};
use tryzore_events::{self as events, permission::ManageAttendance};
use tryzore_events_postgres::Events;
use tryzore_kernel::{EventId, WaitlistEntryId};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Path};

/// Remove a client from the waitlist
///
/// The clients behind the removed one move up.
#[utoipa::path(
    tag = "attendance",
    params(("event_id" = EventId, Path), ("entry_id" = WaitlistEntryId, Path)),
    responses((status = 204, description = "The client is no longer on the waitlist")),
    extensions(("x-permission" = json!("events.manage_attendance")))
)]
#[delete("/events/{event_id}/waitlist/{entry_id}")]
pub(super) async fn remove_from_waitlist(
    Allow(permit): Allow<ManageAttendance>,
    Path((event, entry)): Path<(EventId, WaitlistEntryId)>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    let remove = async |tx: &mut TenantTx| {
        events::remove_from_waitlist(&permit, &mut tx.events(), event, entry, now).await
    };
    db.tenant_tx(&permit, remove).await?;
    Ok(HttpResponse::NoContent().finish())
}
