//! `DELETE /event-series/{series_id}`: a series is ended.

use actix_web::{
    delete,
    web::{Data, Json},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tryzore_events::{self as events, permission::CancelEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{SeriesId, iso};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Path};
use utoipa::ToSchema;

/// When and why a series is ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SeriesEnd {
    /// The last local date of the series, included.
    #[serde(deserialize_with = "iso::read")]
    last: NaiveDate,
    /// The reason, which everyone who booked later dates will read.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// The result of ending a series.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EndedSeries {
    /// The number of canceled events.
    canceled: u32,
}

/// End a series
///
/// Ends the series at a date; its events after the date are canceled. Ending it again at the same date has
/// no effect.
#[utoipa::path(
    tag = "event series",
    params(("series_id" = SeriesId, Path)),
    request_body = SeriesEnd,
    responses((status = 200, body = EndedSeries)),
    extensions(("x-permission" = json!("events.cancel")))
)]
#[delete("/event-series/{series_id}")]
pub(super) async fn end_series(
    Allow(permit): Allow<CancelEvent>,
    Path(series): Path<SeriesId>,
    Body(SeriesEnd { last, reason }): Body<SeriesEnd>,
    db: Data<Db>,
) -> Result<Json<EndedSeries>, ApiError> {
    let now = db.clock().now();
    let end = async |tx: &mut TenantTx| {
        events::end_series(&permit, &mut tx.events(), series, last, &reason, now).await
    };
    Ok(Json(EndedSeries { canceled: db.tenant_tx(&permit, end).await? }))
}
