//! `GET /imports`: the imports of the locations that the caller sees.

use super::view::ImportLine;
use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_crm_postgres::Crm;
use tryzore_kernel::{OrganizationId, Page, Problem};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::CreateClient;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only imports of this location.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
}

/// List imports
///
/// The imports of the locations where you may import clients, newest first.
#[utoipa::path(
    tag = "imports",
    params(Query, Paging),
    responses((status = 200, body = Page<ImportLine>)),
    extensions(("x-permission" = json!("clients.create")))
)]
#[get("/imports")]
pub(super) async fn list_imports(
    Allow(permit): Allow<CreateClient>,
    Listing(Query { organization }, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<ImportLine>, ApiError> {
    let (limit, before) = (paging.limit()?, paging.after()?);
    if organization.is_some_and(|at| !permit.reach().covers(at)) {
        return Err(Problem::not_found("organization").into());
    }
    let list =
        async |tx: &mut TenantTx| tx.crm().imports_list(permit.reach(), organization, before, limit).await;
    Ok(paging.answer(db.tenant_tx(&permit, list).await?.map(ImportLine::from)))
}
