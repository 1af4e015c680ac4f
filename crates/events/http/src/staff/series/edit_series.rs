//! `PUT /event-series/{series_id}`: a series is changed from a date on.

use super::view::SeriesView;
use crate::staff::offer::with_offer;
use actix_web::put;
use chrono::{NaiveDate, NaiveTime};
use tryzore_events::{self as events, SeriesEdit, UseCaseError, permission::EditEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{SeriesId, iso};
use tryzore_postgres::TenantTx;
use tryzore_web::shapes::LocalTime;
use tryzore_web::{Allow, ApiError, Body, Change, Path, Resource};

with_offer! {
    /// All fields of the events of a series from a date on.
    struct SeriesChange {
        /// The first local date that is changed.
        #[serde(deserialize_with = "iso::read")]
        from: NaiveDate,
        /// When the events start, in local time.
        #[serde(deserialize_with = "iso::read")]
        #[schema(value_type = LocalTime)]
        local_time: NaiveTime,
    }
}

impl From<SeriesChange> for SeriesEdit {
    fn from(change: SeriesChange) -> Self {
        Self { from: change.from, local_time: change.local_time, offer: change.offer() }
    }
}

/// Change a series from a date on
///
/// Changes all events of the series from the date on that have not started, or none. Events before the date
/// stay with the old series; the response is the series that the changed events belong to now. The days of
/// the week cannot be changed: end the series and create another one.
#[utoipa::path(
    tag = "event series",
    params(("series_id" = SeriesId, Path), Change),
    request_body = SeriesChange,
    responses((status = 200, body = SeriesView)),
    extensions(
        ("x-permission" = json!("events.edit_all")),
        ("x-denials" = json!([
            "events.edit.spots_below_booked",
            "events.edit_series.in_the_past",
            "events.room.archived",
            "events.room.closed",
            "events.room.taken",
            "events.room.too_small",
        ]))
    )
)]
#[put("/event-series/{series_id}")]
pub(super) async fn edit_series(
    Allow(permit): Allow<EditEvent>,
    Path(series): Path<SeriesId>,
    change: Change,
    Body(body): Body<SeriesChange>,
) -> Result<Resource<SeriesView>, ApiError> {
    let edit = async |tx: &mut TenantTx, version, now| {
        let (plan, _) =
            events::edit_series(&permit, &mut tx.events(), series, version, body.into(), now).await?;
        Ok::<_, UseCaseError>(SeriesView::from(plan))
    };
    change.done(&permit, edit).await
}
