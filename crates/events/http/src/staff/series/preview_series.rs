//! `POST /event-series/preview`: the dates of a series before it is created.

use super::draft::SeriesDraft;
use actix_web::{
    post,
    web::{Data, Json},
};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use tryzore_events::{
    self as events, NewSeries, SeriesPreview, permission::CreateEvent, series::ClockChange,
};
use tryzore_events_postgres::Events;
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Parameters};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// How many starts to show, 1 to 60; 12 by default.
    #[param(minimum = 1, maximum = 60)]
    count: Option<u8>,
}

/// The starts of a previewed series.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SeriesPreviewed {
    /// The IANA time zone of the local times.
    time_zone: &'static str,
    /// The dates: the value of an RRULE line.
    rule: String,
    /// The next starts, in order; fewer than requested if the rule ends before.
    starts: Vec<PreviewedStart>,
}

/// The start of one event.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewedStart {
    /// The local date that names it in the series.
    local_date: NaiveDate,
    /// The local time, with its offset from UTC.
    #[schema(example = "2026-03-30T18:30:00+02:00")]
    local_start: String,
    /// The same time in UTC.
    starts_at: DateTime<Utc>,
    /// `gap_shift`: the local time does not exist because the clock is set forward, so the event starts later
    /// by that amount; `fold_first`: the local time occurs twice, and the event starts at the first one.
    clock_change: Option<ClockChange>,
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

/// Preview the dates of a series
///
/// Takes the same body as creating a series and stores nothing. The response has the next starts in local
/// time and in UTC, and what happens on days on which the clock changes.
#[utoipa::path(
    tag = "event series",
    params(Query),
    request_body = SeriesDraft,
    responses((status = 200, body = SeriesPreviewed)),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["events.create.template_archived"]))
    )
)]
#[post("/event-series/preview")]
pub(super) async fn preview_series(
    Allow(permit): Allow<CreateEvent>,
    Parameters(Query { count }): Parameters<Query>,
    Body(draft): Body<SeriesDraft>,
    db: Data<Db>,
) -> Result<Json<SeriesPreviewed>, ApiError> {
    let (count, now) = (count.unwrap_or(12), db.clock().now());
    let new: NewSeries = draft.try_into()?;
    let preview = async |tx: &mut TenantTx| {
        events::preview_series(&permit, &mut tx.events(), new, count, now).await.map_err(Problem::from)
    };
    Ok(Json(db.tenant_tx(&permit, preview).await?.into()))
}
