//! `DELETE /platform/tenants/{tenant_id}`: a tenant is deleted (TEN-04, TEN-11).

use super::status::{StatusReason, set_status};
use actix_web::{delete, web::Data};
use tryzore_kernel::TenantId;
use tryzore_postgres::Db;
use tryzore_postgres::PlatformTx;
use tryzore_rbac::platform::SetTenantStatus;
use tryzore_tenancy::TenantStatus;
use tryzore_tenancy_postgres::tenant_views::TenantDetail;
use tryzore_web::{AllowPlatform, ApiError, Body, IfMatch, Path, Resource};

/// Delete a tenant
///
/// For operators. Deletion is final: for its users the tenant no longer exists. Its rows stay. Deleting it
/// again has no effect. Operators cannot delete the tenant that they are signed in to.
#[utoipa::path(
    tag = "platform",
    params(
        ("tenant_id" = TenantId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    request_body = StatusReason,
    responses((status = 200, body = TenantDetail)),
    extensions(("x-permission" = json!("platform.set_tenant_status")), ("x-denials" = json!(["tenants.own"])))
)]
#[delete("/platform/tenants/{tenant_id}")]
pub(super) async fn delete_tenant(
    AllowPlatform(permit): AllowPlatform<SetTenantStatus>,
    Path(tenant): Path<TenantId>,
    read: IfMatch,
    Body(reason): Body<StatusReason>,
    db: Data<Db>,
) -> Result<Resource<TenantDetail>, ApiError> {
    let (to, now) = (reason.set_status(TenantStatus::Deleted, read.required()?), db.clock().now());
    let delete = async |tx: &mut PlatformTx| set_status(&permit, tx, tenant, to, now).await;
    Ok(Resource(db.operator_tx(&permit, delete).await?))
}
