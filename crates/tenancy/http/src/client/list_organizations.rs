//! `GET /organizations`: the locations of the brand, for a client.

use actix_web::{get, web::Data};
use tryzore_kernel::Page;
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::BrowseSchedule;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_tenancy_postgres::client_locations::{ClientLocation, client_locations};
use tryzore_web::{Allow, ApiError, Listed, Listing, NoFilter, Paging};

/// List locations
///
/// The open locations of the tenant, ordered by name, with their addresses and opening hours.
#[utoipa::path(
    operation_id = "list_locations",
    tag = "organizations",
    params(Paging),
    responses((status = 200, body = Page<ClientLocation>)),
    extensions(("x-permission" = json!("own.view_schedule")))
)]
#[get("/organizations")]
pub(super) async fn list_organizations(
    Allow(permit): Allow<BrowseSchedule>,
    Listing(NoFilter {}, paging): Listing<NoFilter>,
    db: Data<Db>,
) -> Result<Listed<ClientLocation>, ApiError> {
    let (limit, cursor) = (paging.limit()?, paging.cursor.as_deref());
    let page = db
        .tenant_tx(&permit, async |tx| client_locations(&permit, &mut tx.tenancy(), cursor, limit).await)
        .await?;
    Ok(paging.answer(page))
}
