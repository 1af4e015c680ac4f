//! `POST /events/{event_id}/complete`: an event is completed.

use actix_web::post;
use serde::Serialize;
use tryzore_events::{self as events, domain_event::EventCompleted, permission::ManageAttendance};
use tryzore_events_postgres::Events;
use tryzore_kernel::EventId;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Once, Path, Reply};
use utoipa::ToSchema;

/// The attendance of a completed event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CompletedView {
    /// The event.
    event_id: EventId,
    /// The number of clients who attended.
    attended: u32,
    /// The number of them on their first visit.
    first_timers: u32,
    /// The number of no-shows.
    no_shows: u32,
    /// The number of clients who were still on the waitlist.
    waited_in_vain: u32,
}

impl From<EventCompleted> for CompletedView {
    fn from(completed: EventCompleted) -> Self {
        Self {
            event_id: completed.event,
            attended: completed.attended,
            first_timers: completed.first_timers,
            no_shows: completed.no_shows,
            waited_in_vain: completed.expired,
        }
    }
}

/// Complete an event
///
/// Possible once the event has started. Clients who are still expected become no-shows and owe the no-show
/// fee of the location.
#[utoipa::path(
    tag = "attendance",
    params(("event_id" = EventId, Path)),
    responses((status = 200, body = CompletedView)),
    extensions(
        ("x-permission" = json!("events.manage_attendance")),
        ("x-denials" = json!(["events.complete.not_started", "events.complete.over"]))
    )
)]
#[post("/events/{event_id}/complete")]
pub(super) async fn complete_event(
    Allow(permit): Allow<ManageAttendance>,
    Path(event): Path<EventId>,
    once: Once,
) -> Result<Reply<CompletedView>, ApiError> {
    let complete = async |tx: &mut TenantTx, now| {
        events::complete_event(&permit, &mut tx.events(), event, now).await.map(CompletedView::from)
    };
    once.done(&permit, complete).await
}
