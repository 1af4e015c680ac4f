//! `GET /platform/tenants`: the tenants of the platform (TEN-04).

use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_kernel::{Page, Problem};
use tryzore_postgres::{Db, PlatformTx};
use tryzore_rbac::platform::ViewTenants;
use tryzore_tenancy::TenantStatus;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_tenancy_postgres::tenant_views::{TenantFilter, TenantLine};
use tryzore_web::{AllowPlatform, ApiError, Listed, Listing, Paging};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only tenants with this status; by default all except deleted ones.
    #[param(inline)]
    status: Option<TenantStatus>,
    /// The start of a name, without regard to case.
    #[param(min_length = 1, max_length = 100, example = "iron")]
    q: Option<String>,
}

/// List tenants
///
/// For operators. Ordered by name.
#[utoipa::path(
    tag = "platform",
    params(Query, Paging),
    responses((status = 200, body = Page<TenantLine>)),
    extensions(("x-permission" = json!("platform.view_tenants")))
)]
#[get("/platform/tenants")]
pub(super) async fn list_tenants(
    AllowPlatform(permit): AllowPlatform<ViewTenants>,
    Listing(Query { status, q }, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<TenantLine>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let filter = TenantFilter { status, name: searched(q)? };
    let list = async |tx: &mut PlatformTx| tx.tenancy().tenants_list(filter, after, limit).await;
    Ok(paging.answer(db.operator_tx(&permit, list).await?))
}

fn searched(text: Option<String>) -> Result<Option<String>, Problem> {
    let text = text.map(|text| text.trim().to_owned());
    match &text {
        Some(start) if !(1..=100).contains(&start.chars().count()) => {
            Err(Problem::invalid("q", "expected 1 to 100 characters"))
        }
        _ => Ok(text),
    }
}
