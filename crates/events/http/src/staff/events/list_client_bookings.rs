//! `GET /clients/{client_id}/bookings`: the bookings of a client, for the front desk.

use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_events::permission::ManageAttendance;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::{
    client_bookings::{ClientBooking, client_bookings},
    mine::Period,
};
use tryzore_kernel::{ClientId, Page, Problem};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging, Path};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    #[default]
    Upcoming,
    Past,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// `upcoming` (the default): bookings of events that have not ended, the next first. `past`: ended events
    /// and canceled bookings, the last first.
    #[serde(default)]
    #[param(inline, required = false)]
    period: When,
}

/// List the bookings of a client
///
/// The bookings at the locations where you manage attendance. 404 for a client whose home is at none of
/// these locations and who has no booking there.
#[utoipa::path(
    tag = "clients",
    params(("client_id" = ClientId, Path), Query, Paging),
    responses((status = 200, body = Page<ClientBooking>)),
    extensions(("x-permission" = json!("events.manage_attendance")))
)]
#[get("/clients/{client_id}/bookings")]
pub(super) async fn list_client_bookings(
    Allow(permit): Allow<ManageAttendance>,
    Path(client): Path<ClientId>,
    Listing(Query { period }, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<ClientBooking>, ApiError> {
    let (limit, cursor, now) = (paging.limit()?, paging.cursor.as_deref(), db.clock().now());
    let period = match period {
        When::Upcoming => Period::Upcoming,
        When::Past => Period::Past,
    };
    let read = async |tx: &mut TenantTx| {
        client_bookings(&permit, &mut tx.events(), client, period, cursor, limit, now).await
    };
    let page = db.tenant_tx(&permit, read).await?;
    Ok(paging.answer(page.ok_or_else(|| Problem::not_found("client"))?))
}
