//! The view of a series.

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;
use tryzore_events::{EventKind, SeriesPlan, series::ScheduleFields};
use tryzore_kernel::{OrganizationId, SeriesId, TemplateId, UserId};
use utoipa::ToSchema;

/// A series of events.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SeriesView {
    /// The id of the series.
    id: SeriesId,
    /// The location where the events take place.
    organization_id: OrganizationId,
    /// The template of the events.
    template_id: Option<TemplateId>,
    /// The kind of the events.
    kind: EventKind,
    /// The name of the events.
    name: String,
    /// The employee who leads the events.
    staff_user_id: Option<UserId>,
    /// The IANA time zone of the local times.
    time_zone: &'static str,
    /// The first local date: no event is earlier.
    starts_on: NaiveDate,
    /// When the events start, in local time.
    local_time: NaiveTime,
    /// The duration in minutes.
    duration_minutes: u16,
    /// The dates: the value of an RRULE line.
    rule: String,
    /// The local dates without an event.
    excluded_dates: Vec<NaiveDate>,
    /// The number of spots.
    spots_total: u32,
    /// The room or meeting point.
    location: String,
    /// Whether clients of other locations may book.
    allow_cross_location_booking: bool,
    /// The local date up to which events have been created.
    materialized_until: Option<NaiveDate>,
    /// `active` or `ended`.
    #[schema(value_type = tryzore_events_postgres::shapes::SeriesStatus)]
    status: &'static str,
    /// The version to send in `If-Match`.
    version: i32,
}

impl From<SeriesPlan> for SeriesView {
    fn from(plan: SeriesPlan) -> Self {
        let SeriesPlan { series, kind, offer, is_ended, materialized_until, version } = plan;
        let fields = ScheduleFields::from(series.schedule);
        Self {
            id: series.id,
            organization_id: series.organization,
            template_id: series.template,
            kind,
            name: offer.name,
            staff_user_id: offer.staff,
            time_zone: fields.zone.name(),
            starts_on: fields.starts_on,
            local_time: fields.local_time,
            duration_minutes: fields.duration_minutes,
            rule: fields.rule.to_string(),
            excluded_dates: fields.exdates.into_iter().collect(),
            spots_total: offer.spots_total,
            location: offer.location,
            allow_cross_location_booking: offer.takes_visitors,
            materialized_until,
            status: if is_ended { "ended" } else { "active" },
            version,
        }
    }
}
