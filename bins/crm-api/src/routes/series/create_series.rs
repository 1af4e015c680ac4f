//! `POST /event-series`: events that repeat, on the schedule.

use super::{
    rule::{WeeklyRule, one_of},
    saved::SavedSeries,
};
use actix_web::post;
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use std::collections::BTreeSet;
use tryzore_events::{
    self as events, EventKind, NewOffer, NewSeries, SeriesDates, permission::CreateEvent, series::parse_zone,
};
use tryzore_kernel::{OrganizationId, Problem, TemplateId, UserId};
use tryzore_web::{Allow, ApiError, Body, Once, Reply};
use utoipa::ToSchema;

/// A series that is to be; what is not said is the template's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SeriesDraft {
    /// Where its events take place.
    organization: OrganizationId,
    /// On which dates: the value of an RRULE line (RFC 5545); or say `weekly`.
    #[schema(example = "FREQ=MONTHLY;BYDAY=1MO")]
    rule: Option<String>,
    /// On which dates: on these days of each nth week; or say `rule`.
    weekly: Option<WeeklyRule>,
    /// None is before this local date.
    starts_on: NaiveDate,
    /// When its events start by the clock on the wall, summer and winter.
    #[schema(example = "18:30:00")]
    local_time: NaiveTime,
    /// Whose wall, as an IANA name; the location's, when not said.
    #[schema(example = "Europe/Rome")]
    time_zone: Option<String>,
    /// Local dates that are left out.
    #[serde(default)]
    exdates: BTreeSet<NaiveDate>,
    /// What its events are made from.
    template: Option<TemplateId>,
    /// `class`, `tour` or `appointment`.
    #[schema(value_type = Option<String>, example = "class")]
    kind: Option<EventKind>,
    /// What its events are called.
    #[schema(min_length = 1, max_length = 255)]
    name: Option<String>,
    /// Who leads them.
    staff: Option<UserId>,
    /// How long they last.
    #[schema(minimum = 5, maximum = 1440)]
    duration_minutes: Option<u16>,
    /// How many can come.
    #[schema(minimum = 1, maximum = 10000)]
    spots_total: Option<u32>,
    /// In which room, or where to meet.
    #[schema(max_length = 255)]
    location: Option<String>,
    /// Whether they take clients of other locations; they do, when not said.
    allow_cross_location_booking: Option<bool>,
}

impl TryFrom<SeriesDraft> for NewSeries {
    type Error = Problem;

    fn try_from(draft: SeriesDraft) -> Result<Self, Problem> {
        let zone = draft.time_zone.as_deref().map(parse_zone).transpose();
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
        Ok(Self {
            organization: draft.organization,
            offer,
            dates: SeriesDates {
                rule: one_of(draft.rule, draft.weekly)?,
                starts_on: draft.starts_on,
                local_time: draft.local_time,
                zone: zone.map_err(|unknown| unknown.problem("/time_zone"))?,
                exdates: draft.exdates,
            },
        })
    }
}

/// Put a series on the schedule
///
/// Its events are made eight weeks ahead, now and every day.
#[utoipa::path(
    tag = "event series",
    request_body = SeriesDraft,
    responses((status = 201, body = SavedSeries)),
    extensions(("x-permission" = json!("events.create")))
)]
#[post("/event-series")]
pub(super) async fn create_series(
    Allow(permit): Allow<CreateEvent>,
    Body(draft): Body<SeriesDraft>,
    once: Once,
) -> Result<Reply<SavedSeries>, ApiError> {
    let new = NewSeries::try_from(draft)?;
    let create =
        async |tx: &mut _, now| events::create_series(&permit, tx, new, now).await.map(SavedSeries::from);
    once.created(&permit, create).await
}
