//! `GET /organizations/{organization_id}/settings`: the settings and opening hours of a location.

use actix_web::{get, web::Data};
use tryzore_kernel::OrganizationId;
use tryzore_postgres::{Db, TenantTx};
use tryzore_tenancy::permission::ViewOrganizations;
use tryzore_tenancy_postgres::SettingsView;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Path, Resource};

/// Get the settings of an organization
///
/// The booking rules and the opening hours, with their version as `ETag`. It is not the version of the
/// location.
#[utoipa::path(
    operation_id = "get_organization_settings",
    tag = "organizations",
    params(("organization_id" = OrganizationId, Path)),
    responses((status = 200, body = SettingsView)),
    extensions(("x-permission" = json!("organizations.view_all_orgs")))
)]
#[get("/organizations/{organization_id}/settings")]
pub(super) async fn get_settings(
    Allow(permit): Allow<ViewOrganizations>,
    Path(organization): Path<OrganizationId>,
    db: Data<Db>,
) -> Result<Resource<SettingsView>, ApiError> {
    let now = db.clock().now();
    let find = async |tx: &mut TenantTx| tx.tenancy().settings_view(&permit, organization, now).await;
    Ok(Resource(db.tenant_tx(&permit, find).await?))
}
