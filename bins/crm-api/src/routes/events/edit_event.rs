//! `PUT /events/{event}`: an event is changed.

use super::{saved::SavedEvent, start::StartText};
use actix_web::{HttpResponse, put, web::Data};
use serde::Deserialize;
use tryzore_events::{self as events, EventEdit, Offer, permission::EditEvent};
use tryzore_kernel::{EventId, UserId};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Body, IfMatch, Path, etag::versioned};
use utoipa::ToSchema;

/// What an event is to be like, in full.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventChange {
    /// When: by the clock of the location, or with an offset.
    #[schema(value_type = String, example = "2026-03-30T18:30:00")]
    start: StartText,
    /// What it is called.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    // To be said: what is left out would take the leader away.
    /// Who leads it; null for no one.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    staff: Option<UserId>,
    /// How long it lasts.
    #[schema(minimum = 5, maximum = 1440)]
    duration_minutes: u16,
    /// How many can come; at least as many as have booked.
    #[schema(minimum = 1, maximum = 10000)]
    spots_total: u32,
    /// In which room, or where to meet; may be empty.
    #[schema(max_length = 255)]
    location: String,
    /// Whether it takes clients of other locations.
    allow_cross_location_booking: bool,
}

impl From<EventChange> for EventEdit {
    fn from(change: EventChange) -> Self {
        let offer = Offer {
            name: change.name,
            staff: change.staff,
            duration_minutes: change.duration_minutes,
            spots_total: change.spots_total,
            location: change.location,
            takes_visitors: change.allow_cross_location_booking,
        };
        Self { offer, start: change.start.into() }
    }
}

/// Change an event
///
/// Any, or one that you lead. Spots that this adds go to those who wait; everyone who booked is told
/// of a new time.
#[utoipa::path(
    tag = "events",
    params(("event" = EventId, Path), ("If-Match" = String, Header, description = "The ETag that you read")),
    request_body = EventChange,
    responses((status = 200, body = SavedEvent, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("events.edit_all")))
)]
#[put("/events/{event}")]
pub(super) async fn edit_event(
    Allow(permit): Allow<EditEvent>,
    Path(event): Path<EventId>,
    read: IfMatch,
    Body(change): Body<EventChange>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (version, now) = (read.required()?, db.clock().now());
    let edit = async |tx: &mut _| events::edit_event(&permit, tx, event, version, change.into(), now).await;
    let saved = SavedEvent::from(db.tenant_tx(&permit, edit).await?);
    Ok(versioned(saved.version, &saved))
}
