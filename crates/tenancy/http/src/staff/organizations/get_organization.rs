//! `GET /organizations/{organization_id}`: one location.

use actix_web::{get, web::Data};
use tryzore_kernel::{OrganizationId, Problem};
use tryzore_postgres::{Db, TenantTx};
use tryzore_tenancy::permission::ViewOrganizations;
use tryzore_tenancy_postgres::OrganizationView;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Path, Resource};

/// Get an organization
///
/// The location with its version as `ETag`.
#[utoipa::path(
    tag = "organizations",
    params(("organization_id" = OrganizationId, Path)),
    responses((status = 200, body = OrganizationView)),
    extensions(("x-permission" = json!("organizations.view_all_orgs")))
)]
#[get("/organizations/{organization_id}")]
pub(super) async fn get_organization(
    Allow(permit): Allow<ViewOrganizations>,
    Path(organization): Path<OrganizationId>,
    db: Data<Db>,
) -> Result<Resource<OrganizationView>, ApiError> {
    let find = async |tx: &mut TenantTx| tx.tenancy().organization_view(&permit, organization).await;
    let found = db.tenant_tx(&permit, find).await?;
    let found = found.ok_or_else(|| Problem::not_found("organization"))?;
    Ok(Resource(found))
}
