//! `GET /organizations`: the locations that the caller sees.

use actix_web::{get, web::Data};
use tryzore_kernel::Page;
use tryzore_postgres::{Db, TenantTx};
use tryzore_tenancy::permission::ViewOrganizations;
use tryzore_tenancy_postgres::OrganizationView;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Listed, Listing, NoFilter, Paging};

/// List organizations
///
/// The open locations where you work or that you own, or all locations of the tenant, depending on your
/// permissions, ordered by name.
#[utoipa::path(
    tag = "organizations",
    params(Paging),
    responses((status = 200, body = Page<OrganizationView>)),
    extensions(("x-permission" = json!("organizations.view_all_orgs")))
)]
#[get("/organizations")]
pub(super) async fn list_organizations(
    Allow(permit): Allow<ViewOrganizations>,
    Listing(NoFilter {}, paging): Listing<NoFilter>,
    db: Data<Db>,
) -> Result<Listed<OrganizationView>, ApiError> {
    let (limit, cursor) = (paging.limit()?, paging.cursor.as_deref());
    let list = async |tx: &mut TenantTx| tx.tenancy().organization_list(&permit, limit, cursor).await;
    Ok(paging.answer(db.tenant_tx(&permit, list).await?))
}
