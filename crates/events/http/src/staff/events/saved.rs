//! An event that was just created or changed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use tryzore_events::{Event, EventKind, EventState};
use tryzore_kernel::{EventId, OrganizationId, RoomId, SeriesId, TemplateId, UserId};
use utoipa::ToSchema;

/// An event that was just created or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedEvent {
    /// The id.
    id: EventId,
    /// The location where the event takes place.
    organization_id: OrganizationId,
    /// The kind of the event.
    kind: EventKind,
    /// The name.
    name: String,
    /// The room in which the event takes place.
    room_id: Option<RoomId>,
    /// The room or meeting point, in words.
    location: String,
    /// The employee who leads the event.
    staff_user_id: Option<UserId>,
    /// The template that the event was created from.
    template_id: Option<TemplateId>,
    /// The series that the event belongs to.
    series_id: Option<SeriesId>,
    /// The local date that identifies the event in its series.
    occurrence_on: Option<NaiveDate>,
    /// When the event starts.
    starts_at: DateTime<Utc>,
    /// When the event ends.
    ends_at: DateTime<Utc>,
    /// The status of the event.
    status: EventState,
    /// The number of spots.
    spots_total: u32,
    /// The number of booked spots.
    spots_booked: u32,
    /// Whether clients of other locations may book.
    allow_cross_location_booking: bool,
    /// The version, for `If-Match`.
    pub(super) version: i32,
}

impl From<Event> for SavedEvent {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            organization_id: event.organization,
            kind: event.kind,
            name: event.name,
            room_id: event.room,
            location: event.location,
            staff_user_id: event.staff,
            template_id: event.template,
            series_id: event.series.map(|date| date.series),
            occurrence_on: event.series.map(|date| date.on),
            starts_at: event.starts_at,
            ends_at: event.ends_at,
            status: event.state,
            spots_total: event.spots.total(),
            spots_booked: event.spots.booked(),
            allow_cross_location_booking: event.takes_visitors,
            version: event.version,
        }
    }
}
