//! `POST /platform/tenants/{tenant}/suspend`: nobody can be at a tenant for now (TEN-04).

use super::turn::{TurnReason, TurnedTenant};
use actix_web::post;
use tryzore_kernel::TenantId;
use tryzore_rbac::platform::TurnTenants;
use tryzore_tenancy::{self as tenancy, TenantStatus};
use tryzore_web::{AllowPlatform, ApiError, Body, IfMatch, Once, Path, Reply};

/// Suspend a tenant
///
/// For operators. From the next call on its people and keys are refused with `tenants.suspended`, and
/// its owners are told the reason; everything is kept. Suspending it again changes nothing. Not the one
/// that the operator is signed in to.
#[utoipa::path(
    tag = "platform",
    params(
        ("tenant" = TenantId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    request_body = TurnReason,
    responses((status = 200, body = TurnedTenant)),
    extensions(("x-permission" = json!("platform.turn_tenants")))
)]
#[post("/platform/tenants/{tenant}/suspend")]
pub(super) async fn suspend_tenant(
    AllowPlatform(permit): AllowPlatform<TurnTenants>,
    Path(tenant): Path<TenantId>,
    read: IfMatch,
    Body(reason): Body<TurnReason>,
    once: Once,
) -> Result<Reply<TurnedTenant>, ApiError> {
    let turn = reason.turn(TenantStatus::Suspended, read.required()?);
    let suspend = async |tx: &mut _, now| {
        tenancy::turn_tenant(&permit, tx, tenant, turn, now).await.map(TurnedTenant::from)
    };
    once.done_by_operator(&permit, suspend).await
}
