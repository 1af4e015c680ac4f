//! `POST /platform/tenants/{tenant_id}/suspend`: a tenant is suspended (TEN-04).

use super::status::{StatusReason, set_status};
use actix_web::post;
use tryzore_kernel::TenantId;
use tryzore_postgres::PlatformTx;
use tryzore_rbac::platform::SetTenantStatus;
use tryzore_tenancy::TenantStatus;
use tryzore_tenancy_postgres::tenant_views::TenantDetail;
use tryzore_web::{AllowPlatform, ApiError, Body, IfMatch, Once, Path, Reply};

/// Suspend a tenant
///
/// For operators. From the next request on, its users and API keys are refused with `tenants.suspended`,
/// and its owners are told the reason; all data stays. Suspending it again has no effect. Operators cannot
/// suspend the tenant that they are signed in to.
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
        ("x-denials" = json!(["tenants.deleted", "tenants.own"]))
    )
)]
#[post("/platform/tenants/{tenant_id}/suspend")]
pub(super) async fn suspend_tenant(
    AllowPlatform(permit): AllowPlatform<SetTenantStatus>,
    Path(tenant): Path<TenantId>,
    read: IfMatch,
    Body(reason): Body<StatusReason>,
    once: Once,
) -> Result<Reply<TenantDetail>, ApiError> {
    let to = reason.set_status(TenantStatus::Suspended, read.required()?);
    let suspend = async |tx: &mut PlatformTx, now| set_status(&permit, tx, tenant, to, now).await;
    once.done_by_operator(&permit, suspend).await
}
