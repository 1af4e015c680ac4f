//! A series that was just made or changed.

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;
use tryzore_events::{EventKind, SeriesPlan, series::ScheduleFields};
use tryzore_kernel::{OrganizationId, SeriesId, TemplateId, UserId};
use utoipa::ToSchema;

/// A series that was just made or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedSeries {
    /// Its id; another one than asked for, when the series was split.
    id: SeriesId,
    /// Where its events take place.
    organization_id: OrganizationId,
    /// What they are made from.
    template_id: Option<TemplateId>,
    /// What kind they are.
    kind: EventKind,
    /// What they are called.
    name: String,
    /// Who leads them.
    staff_user_id: Option<UserId>,
    /// The zone whose clock they follow; IANA name.
    time_zone: &'static str,
    /// None is before this local date.
    starts_on: NaiveDate,
    /// When they start by the clock on the wall.
    local_time: NaiveTime,
    /// How long they last.
    duration_minutes: u16,
    /// On which dates: the value of an RRULE line.
    rule: String,
    /// Local dates that are left out.
    excluded_dates: Vec<NaiveDate>,
    /// How many can come.
    spots_total: u32,
    /// In which room, or where to meet.
    location: String,
    /// Whether they take clients of other locations.
    allow_cross_location_booking: bool,
    /// The local date up to which events were made.
    materialized_until: Option<NaiveDate>,
    /// `active` or `ended`.
    #[schema(value_type = tryzore_events_postgres::shapes::SeriesStatus)]
    status: &'static str,
    /// For `If-Match`.
    pub(super) version: i32,
    /// How many events were made or changed just now.
    events: u32,
}

impl From<(SeriesPlan, u32)> for SavedSeries {
    fn from((plan, events): (SeriesPlan, u32)) -> Self {
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
            events,
        }
    }
}
