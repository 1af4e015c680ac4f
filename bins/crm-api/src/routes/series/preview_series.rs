//! `POST /event-series/preview`: the dates of a series that is not made yet.

use super::rule::{WeeklyRule, one_of};
use actix_web::{
    post,
    web::{Data, Json},
};
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tryzore_events::{
    self as events, SeriesDates, SeriesPreview,
    permission::CreateEvent,
    series::{ClockChange, parse_zone},
};
use tryzore_kernel::{OrganizationId, Problem};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Body};
use utoipa::ToSchema;

/// A series whose dates are to be seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewDraft {
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
    /// How many starts to show, 1 to 60; 12 when not said.
    #[schema(minimum = 1, maximum = 60)]
    count: Option<u8>,
}

/// When a series would start.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SeriesPreviewed {
    /// The zone whose clock it follows; IANA name.
    time_zone: &'static str,
    /// On which dates: the value of an RRULE line.
    rule: String,
    /// The next starts, in order; fewer than asked for when the rule ends before.
    starts: Vec<PreviewedStart>,
}

/// One start.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewedStart {
    /// The local date that names it in the series.
    local_date: NaiveDate,
    /// What the clock on the wall shows, with its distance from UTC.
    #[schema(example = "2026-03-30T18:30:00+02:00")]
    local_start: String,
    /// When that is.
    starts_at: DateTime<Utc>,
    /// `gap_shift`: the clock jumps over the time, and the start moves on by as much; `fold_first`: the
    /// clock passes the time twice, and the first of the two is meant.
    #[schema(value_type = Option<String>, example = "gap_shift")]
    clock_change: Option<ClockChange>,
}

impl PreviewDraft {
    fn dates(self) -> Result<SeriesDates, Problem> {
        let zone = self.time_zone.as_deref().map(parse_zone).transpose();
        Ok(SeriesDates {
            rule: one_of(self.rule, self.weekly)?,
            starts_on: self.starts_on,
            local_time: self.local_time,
            zone: zone.map_err(|unknown| unknown.problem("/time_zone"))?,
            exdates: self.exdates,
        })
    }
}

impl From<SeriesPreview> for SeriesPreviewed {
    fn from(SeriesPreview { schedule, starts }: SeriesPreview) -> Self {
        let zone = schedule.zone();
        let start = |start: events::series::Occurrence| PreviewedStart {
            local_date: start.local_date,
            local_start: start.starts_at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false),
            starts_at: start.starts_at,
            clock_change: start.note,
        };
        Self {
            time_zone: zone.name(),
            rule: schedule.fields().rule.to_string(),
            starts: starts.into_iter().map(start).collect(),
        }
    }
}

/// See the dates of a series
///
/// Nothing is kept. The next starts after now, on the clock of the wall and in UTC, with what happens
/// on days on which the clock changes.
#[utoipa::path(
    tag = "event series",
    request_body = PreviewDraft,
    responses((status = 200, body = SeriesPreviewed)),
    extensions(("x-permission" = json!("events.create")), ("x-idempotency" = json!("none")))
)]
#[post("/event-series/preview")]
pub(super) async fn preview_series(
    Allow(permit): Allow<CreateEvent>,
    Body(draft): Body<PreviewDraft>,
    db: Data<Db>,
) -> Result<Json<SeriesPreviewed>, ApiError> {
    let (organization, count, now) = (draft.organization, draft.count.unwrap_or(12), db.clock().now());
    let dates = draft.dates()?;
    let preview = async |tx: &mut _| {
        events::preview_series(&permit, tx, organization, dates, count, now).await.map_err(Problem::from)
    };
    Ok(Json(db.tenant_tx(&permit, preview).await?.into()))
}
