//! `GET /organizations`: the locations that one sees.

use actix_web::{get, web::Data};
use tryzore_kernel::Page;
use tryzore_postgres::{Db, TenantTx, tenancy::OrganizationView};
use tryzore_tenancy::permission::ViewOrganizations;
use tryzore_web::{Allow, ApiError, Listed, Listing, NoFilter, Paging};

/// The locations that one sees
///
/// By name: those where one works or that one owns, or all of them. Closed ones are not among them.
#[utoipa::path(
    operation_id = "list_visible_organizations",
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
    let list = async |tx: &mut TenantTx| tx.organization_list(&permit, limit, cursor).await;
    Ok(paging.answer(db.tenant_tx(&permit, list).await?))
}
