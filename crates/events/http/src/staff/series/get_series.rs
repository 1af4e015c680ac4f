//! `GET /event-series/{series_id}`: one series.

use super::view::SeriesView;
use actix_web::{get, web::Data};
use tryzore_events::permission::ViewEvents;
use tryzore_events_postgres::{Events, series::series_find};
use tryzore_kernel::{Problem, SeriesId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_web::{Allow, ApiError, Path, Resource};

/// Get a series
///
/// The series with its version as `ETag`.
#[utoipa::path(
    tag = "event series",
    params(("series_id" = SeriesId, Path)),
    responses((status = 200, body = SeriesView)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/event-series/{series_id}")]
pub(super) async fn get_series(
    Allow(permit): Allow<ViewEvents>,
    Path(series): Path<SeriesId>,
    db: Data<Db>,
) -> Result<Resource<SeriesView>, ApiError> {
    let find = async |tx: &mut TenantTx| series_find(&permit, &mut tx.events(), series).await;
    let found = db.tenant_tx(&permit, find).await?.ok_or_else(|| Problem::not_found("series"))?;
    Ok(Resource(found.into()))
}
