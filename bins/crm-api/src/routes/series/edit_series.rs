//! `PUT /event-series/{series}`: a series is changed from a date on.

use super::saved::SavedSeries;
use actix_web::{HttpResponse, put, web::Data};
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use tryzore_events::{self as events, Offer, SeriesEdit, permission::EditEvent};
use tryzore_kernel::{SeriesId, UserId};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Body, IfMatch, Path, etag::versioned};
use utoipa::ToSchema;

/// What the events of a series are to be like from a date on, in full.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SeriesChange {
    /// The first local date that is changed.
    from: NaiveDate,
    /// When they start by the clock on the wall.
    #[schema(example = "18:30:00")]
    local_time: NaiveTime,
    /// What they are called.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    // To be said: what is left out would take the leader away.
    /// Who leads them; null for no one.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    staff: Option<UserId>,
    /// How long they last.
    #[schema(minimum = 5, maximum = 1440)]
    duration_minutes: u16,
    /// How many can come; at least as many as have booked any of them.
    #[schema(minimum = 1, maximum = 10000)]
    spots_total: u32,
    /// In which room, or where to meet; may be empty.
    #[schema(max_length = 255)]
    location: String,
    /// Whether they take clients of other locations.
    allow_cross_location_booking: bool,
}

impl From<SeriesChange> for SeriesEdit {
    fn from(change: SeriesChange) -> Self {
        let offer = Offer {
            name: change.name,
            staff: change.staff,
            duration_minutes: change.duration_minutes,
            spots_total: change.spots_total,
            location: change.location,
            takes_visitors: change.allow_cross_location_booking,
        };
        Self { from: change.from, offer, local_time: change.local_time }
    }
}

/// Change a series from a date on
///
/// All of its events from then on that have not started, or none. Dates before stay with the old
/// series; the answer is the series that the changed events belong to now. The days of the week stay
/// as they are: for others, end it and make another.
#[utoipa::path(
    tag = "event series",
    params(("series" = SeriesId, Path), ("If-Match" = String, Header, description = "The ETag that you read")),
    request_body = SeriesChange,
    responses((status = 200, body = SavedSeries, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("events.edit_all")))
)]
#[put("/event-series/{series}")]
pub(super) async fn edit_series(
    Allow(permit): Allow<EditEvent>,
    Path(series): Path<SeriesId>,
    read: IfMatch,
    Body(change): Body<SeriesChange>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (version, now) = (read.required()?, db.clock().now());
    let edit = async |tx: &mut _| events::edit_series(&permit, tx, series, version, change.into(), now).await;
    let saved = SavedSeries::from(db.tenant_tx(&permit, edit).await?);
    Ok(versioned(saved.version, &saved))
}
