//! `POST /platform/tenants/{tenant_id}/reactivate`: a suspended tenant is reactivated (TEN-04).

use super::status::{StatusReason, set_status};
use actix_web::post;
use tryzore_kernel::TenantId;
use tryzore_postgres::PlatformTx;
use tryzore_rbac::platform::SetTenantStatus;
use tryzore_tenancy::TenantStatus;
use tryzore_tenancy_postgres::tenant_views::TenantDetail;
use tryzore_web::{AllowPlatform, ApiError, Body, IfMatch, Once, Path, Reply};

/// Reactivate a tenant
///
/// For operators. Its users and API keys work again, and so do sessions that have not expired meanwhile.
/// Reactivating an active tenant has no effect; a deleted tenant cannot be reactivated.
#[utoipa::path(
    tag = "platform",
    params(
        ("tenant_id" = TenantId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    request_body = StatusReason,
    responses((status = 200, body = TenantDetail)),
    extensions(
        ("x-permission" = json!("platform.set_tenant_status")),
        ("x-denials" = json!(["tenants.deleted"]))
    )
)]
#[post("/platform/tenants/{tenant_id}/reactivate")]
pub(super) async fn reactivate_tenant(
    AllowPlatform(permit): AllowPlatform<SetTenantStatus>,
    Path(tenant): Path<TenantId>,
    read: IfMatch,
    Body(reason): Body<StatusReason>,
    once: Once,
) -> Result<Reply<TenantDetail>, ApiError> {
    let to = reason.set_status(TenantStatus::Active, read.required()?);
    let reactivate = async |tx: &mut PlatformTx, now| set_status(&permit, tx, tenant, to, now).await;
    once.done_by_operator(&permit, reactivate).await
}
