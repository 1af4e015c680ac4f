//! `GET /event-series`: the series of events.

use super::view::SeriesView;
use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_events::permission::ViewEvents;
use tryzore_events_postgres::{Events, series::series_list};
use tryzore_kernel::{OrganizationId, Page};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only series at this location; by default at all locations that you see.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// Whether ended series are included.
    #[serde(default)]
    #[param(required = false)]
    with_ended: bool,
}

/// List series
///
/// The recurring events of the locations that you see, oldest first.
#[utoipa::path(
    tag = "event series",
    params(Query, Paging),
    responses((status = 200, body = Page<SeriesView>)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/event-series")]
pub(super) async fn list_series(
    Allow(permit): Allow<ViewEvents>,
    Listing(Query { organization, with_ended }, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<SeriesView>, ApiError> {
    let (limit, cursor) = (paging.limit()?, paging.cursor.as_deref());
    let list = async |tx: &mut TenantTx| {
        series_list(&permit, &mut tx.events(), organization, with_ended, cursor, limit).await
    };
    Ok(paging.answer(db.tenant_tx(&permit, list).await?.map(SeriesView::from)))
}
