//! `GET /organizations/{organization_id}`: one location, for a client.

use actix_web::{
    get,
    web::{Data, Json},
};
use tryzore_kernel::{OrganizationId, Problem};
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::BrowseSchedule;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_tenancy_postgres::client_locations::{ClientLocation, client_location};
use tryzore_web::{Allow, ApiError, Path};

/// Get a location
///
/// The address of the location and its opening hours.
#[utoipa::path(
    operation_id = "get_location",
    tag = "organizations",
    params(("organization_id" = OrganizationId, Path)),
    responses((status = 200, body = ClientLocation)),
    extensions(("x-permission" = json!("own.view_schedule")))
)]
#[get("/organizations/{organization_id}")]
pub(super) async fn get_organization(
    Allow(permit): Allow<BrowseSchedule>,
    Path(organization): Path<OrganizationId>,
    db: Data<Db>,
) -> Result<Json<ClientLocation>, ApiError> {
    let found = db
        .tenant_tx(&permit, async |tx| client_location(&permit, &mut tx.tenancy(), organization).await)
        .await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("organization"))?))
}
