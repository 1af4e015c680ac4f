//! `PUT /events/{event_id}`: an event is changed.

use super::start::StartText;
use crate::staff::offer::with_offer;
use actix_web::put;
use tryzore_events::{self as events, EventEdit, permission::EditEvent};
use tryzore_events_postgres::{
    Events,
    views::detail::{EventDetail, changed_event},
};
use tryzore_kernel::{EventId, RoomId};
use tryzore_postgres::TenantTx;
use tryzore_web::shapes::LocalStart;
use tryzore_web::{Allow, ApiError, Body, Change, Path, Resource};

with_offer! {
    /// All fields of the changed event.
    struct EventChange {
        /// When the event starts: in local time of the location, or with an offset.
        #[schema(value_type = LocalStart)]
        start: StartText,
        // To be said: what is left out would take the event out of its room.
        /// The room in which the event takes place; null for none.
        #[serde(deserialize_with = "serde::Deserialize::deserialize")]
        #[schema(required = true)]
        room_id: Option<RoomId>,
    }
}

impl From<EventChange> for EventEdit {
    fn from(change: EventChange) -> Self {
        Self { start: change.start.into(), room: change.room_id, offer: change.offer() }
    }
}

/// Change an event
///
/// You may change any event, or only those that you lead, depending on your permissions. Added spots go to
/// the clients on the waitlist; everyone who booked is notified of a new time.
#[utoipa::path(
    tag = "events",
    params(("event_id" = EventId, Path), Change),
    request_body = EventChange,
    responses((status = 200, body = EventDetail)),
    extensions(
        ("x-permission" = json!("events.edit_all")),
        ("x-denials" = json!([
            "events.edit.over",
            "events.edit.spots_below_booked",
            "events.edit.started",
            "events.room.archived",
            "events.room.closed",
            "events.room.taken",
            "events.room.too_small",
        ]))
    )
)]
#[put("/events/{event_id}")]
pub(super) async fn edit_event(
    Allow(permit): Allow<EditEvent>,
    Path(event): Path<EventId>,
    change: Change,
    Body(body): Body<EventChange>,
) -> Result<Resource<EventDetail>, ApiError> {
    let edit = async |tx: &mut TenantTx, version, now| {
        let event = events::edit_event(&permit, &mut tx.events(), event, version, body.into(), now).await?;
        changed_event(&permit, &mut tx.events(), event.id).await
    };
    change.done(&permit, edit).await
}
