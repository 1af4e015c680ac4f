//! An event that was just made or changed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use tryzore_events::{Event, EventKind, EventState};
use tryzore_kernel::{EventId, OrganizationId, RoomId, SeriesId, TemplateId, UserId};
use utoipa::ToSchema;

/// An event that was just made or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedEvent {
    /// Its id.
    id: EventId,
    /// Where.
    organization_id: OrganizationId,
    /// What kind.
    kind: EventKind,
    /// What it is called.
    name: String,
    /// The room in which the event takes place.
    room_id: Option<RoomId>,
    /// In which room, or where to meet.
    location: String,
    /// Who leads it.
    staff_user_id: Option<UserId>,
    /// What it was made from.
    template_id: Option<TemplateId>,
    /// The series that it is of.
    series_id: Option<SeriesId>,
    /// The local date that names it in its series.
    occurrence_on: Option<NaiveDate>,
    /// When it starts.
    starts_at: DateTime<Utc>,
    /// When it ends.
    ends_at: DateTime<Utc>,
    /// Where it is on its way.
    status: EventState,
    /// How many can come.
    spots_total: u32,
    /// How many spots are taken.
    spots_booked: u32,
    /// Whether it takes clients of other locations.
    allow_cross_location_booking: bool,
    /// For `If-Match`.
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
