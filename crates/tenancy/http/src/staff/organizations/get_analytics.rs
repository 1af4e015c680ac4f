//! `GET /organizations/{organization_id}/analytics`: the numbers of a location.

use actix_web::{get, web::Data};
use tryzore_kernel::OrganizationId;
use tryzore_postgres::{Db, TenantTx};
use tryzore_tenancy::permission::ViewAnalytics;
use tryzore_tenancy_postgres::OrganizationAnalytics;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Path, Resource};

/// Get the analytics of an organization
///
/// Numbers of the location over the last thirty days.
#[utoipa::path(
    operation_id = "get_organization_analytics",
    tag = "organizations",
    params(("organization_id" = OrganizationId, Path)),
    responses((status = 200, body = OrganizationAnalytics)),
    extensions(("x-permission" = json!("organizations.view_cross_org_analytics")))
)]
#[get("/organizations/{organization_id}/analytics")]
pub(super) async fn get_analytics(
    Allow(permit): Allow<ViewAnalytics>,
    Path(organization): Path<OrganizationId>,
    db: Data<Db>,
) -> Result<Resource<OrganizationAnalytics>, ApiError> {
    let now = db.clock().now();
    let count =
        async |tx: &mut TenantTx| tx.tenancy().organization_analytics(&permit, organization, now).await;
    Ok(Resource(db.tenant_tx(&permit, count).await?))
}
