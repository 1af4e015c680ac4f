//! `POST /events`: an event on the schedule.

use super::start::StartText;
use crate::staff::offer::with_new_offer;
use actix_web::post;
use tryzore_events::{self as events, NewEvent, permission::CreateEvent};
use tryzore_events_postgres::{
    Events,
    views::detail::{EventDetail, changed_event},
};
use tryzore_kernel::{OrganizationId, RoomId};
use tryzore_postgres::TenantTx;
use tryzore_web::shapes::LocalStart;
use tryzore_web::{Allow, ApiError, Body, Once, Reply};

with_new_offer! {
    /// A new event; fields that are left out come from the template.
    struct EventDraft {
        /// The location where the event takes place.
        #[serde(rename = "organization_id")]
        organization: OrganizationId,
        /// When the event starts, in the future: in local time of the location, or with an offset.
        #[schema(value_type = LocalStart)]
        start: StartText,
        /// The room in which the event takes place.
        room_id: Option<RoomId>,
    }
}

impl From<EventDraft> for NewEvent {
    fn from(draft: EventDraft) -> Self {
        Self {
            organization: draft.organization,
            start: draft.start.into(),
            room: draft.room_id,
            offer: draft.offer(),
        }
    }
}

/// Create an event
///
/// Creates an event from a template or from the fields of the body alone.
#[utoipa::path(
    tag = "events",
    request_body = EventDraft,
    responses((status = 201, body = EventDetail)),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-denials" = json!([
            "events.create.template_archived",
            "events.room.archived",
            "events.room.closed",
            "events.room.taken",
            "events.room.too_small",
        ]))
    )
)]
#[post("/events")]
pub(super) async fn create_event(
    Allow(permit): Allow<CreateEvent>,
    Body(draft): Body<EventDraft>,
    once: Once,
) -> Result<Reply<EventDetail>, ApiError> {
    let create = async |tx: &mut TenantTx, now| {
        let event = events::create_event(&permit, &mut tx.events(), draft.into(), now).await?;
        changed_event(&permit, &mut tx.events(), event.id).await
    };
    once.created(&permit, create).await
}
