//! `GET /platform/tenants/{tenant_id}`: a tenant with its status and owners (TEN-04).

use actix_web::{get, web::Data};
use tryzore_kernel::{Problem, TenantId};
use tryzore_postgres::{Db, PlatformTx};
use tryzore_rbac::platform::ViewTenants;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_tenancy_postgres::tenant_views::TenantDetail;
use tryzore_web::{AllowPlatform, ApiError, Path, Resource};

/// Get a tenant
///
/// For operators, with the version as `ETag`: who set the status and why, the owners, and the names of the
/// locations. A deleted tenant is shown, too. Reading a tenant is recorded in the event log.
#[utoipa::path(
    tag = "platform",
    params(("tenant_id" = TenantId, Path)),
    responses((status = 200, body = TenantDetail)),
    extensions(("x-permission" = json!("platform.view_tenants")))
)]
#[get("/platform/tenants/{tenant_id}")]
pub(super) async fn get_tenant(
    AllowPlatform(permit): AllowPlatform<ViewTenants>,
    Path(tenant): Path<TenantId>,
    db: Data<Db>,
) -> Result<Resource<TenantDetail>, ApiError> {
    let opened =
        db.operator_tx(&permit, async |tx: &mut PlatformTx| tx.tenancy().tenant_open(tenant).await).await?;
    let opened = opened.ok_or_else(|| Problem::not_found("tenant"))?;
    Ok(Resource(opened))
}
