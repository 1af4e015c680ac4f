//! `POST /events`: an event on the schedule.

use super::{saved::SavedEvent, start::StartText};
use actix_web::post;
use serde::Deserialize;
use tryzore_events::{self as events, EventKind, NewEvent, NewOffer, permission::CreateEvent};
use tryzore_kernel::{OrganizationId, TemplateId, UserId};
use tryzore_web::{Allow, ApiError, Body, Once, Reply};
use utoipa::ToSchema;

/// An event that is to be; what is not said is the template's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventDraft {
    /// Where.
    organization: OrganizationId,
    /// When, in the future: by the clock of the location, or with an offset.
    #[schema(value_type = String, example = "2026-03-30T18:30:00")]
    start: StartText,
    /// What it is made from.
    template: Option<TemplateId>,
    /// `class`, `tour` or `appointment`.
    #[schema(value_type = Option<String>, example = "class")]
    kind: Option<EventKind>,
    /// What it is called.
    #[schema(min_length = 1, max_length = 255)]
    name: Option<String>,
    /// Who leads it.
    staff: Option<UserId>,
    /// How long it lasts.
    #[schema(minimum = 5, maximum = 1440)]
    duration_minutes: Option<u16>,
    /// How many can come.
    #[schema(minimum = 1, maximum = 10000)]
    spots_total: Option<u32>,
    /// In which room, or where to meet.
    #[schema(max_length = 255)]
    location: Option<String>,
    /// Whether it takes clients of other locations; it does, when not said.
    allow_cross_location_booking: Option<bool>,
}

impl From<EventDraft> for NewEvent {
    fn from(draft: EventDraft) -> Self {
        let offer = NewOffer {
            template: draft.template,
            kind: draft.kind,
            name: draft.name,
            staff: draft.staff,
            duration_minutes: draft.duration_minutes,
            spots_total: draft.spots_total,
            location: draft.location,
            takes_visitors: draft.allow_cross_location_booking,
        };
        Self { organization: draft.organization, offer, start: draft.start.into() }
    }
}

/// Put an event on the schedule
///
/// From a template or bare.
#[utoipa::path(
    tag = "events",
    request_body = EventDraft,
    responses((status = 201, body = SavedEvent)),
    extensions(("x-permission" = json!("events.create")))
)]
#[post("/events")]
pub(super) async fn create_event(
    Allow(permit): Allow<CreateEvent>,
    Body(draft): Body<EventDraft>,
    once: Once,
) -> Result<Reply<SavedEvent>, ApiError> {
    let create = async |tx: &mut _, now| {
        events::create_event(&permit, tx, draft.into(), now).await.map(SavedEvent::from)
    };
    once.created(&permit, create).await
}
