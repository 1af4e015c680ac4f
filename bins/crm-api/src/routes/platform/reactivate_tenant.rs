//! `POST /platform/tenants/{tenant}/reactivate`: a suspended tenant is open again (TEN-04).

use super::turn::{TurnReason, TurnedTenant};
use actix_web::post;
use tryzore_kernel::TenantId;
use tryzore_rbac::platform::TurnTenants;
use tryzore_tenancy::{self as tenancy, TenantStatus};
use tryzore_web::{AllowPlatform, ApiError, Body, IfMatch, Once, Path, Reply};

/// Reactivate a tenant
///
/// For operators. Its people and keys go on where they were: sessions that have not expired meanwhile
/// work again. Reactivating an active one changes nothing; a deleted one does not come back.
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
#[post("/platform/tenants/{tenant}/reactivate")]
pub(super) async fn reactivate_tenant(
    AllowPlatform(permit): AllowPlatform<TurnTenants>,
    Path(tenant): Path<TenantId>,
    read: IfMatch,
    Body(reason): Body<TurnReason>,
    once: Once,
) -> Result<Reply<TurnedTenant>, ApiError> {
    let turn = reason.turn(TenantStatus::Active, read.required()?);
    let reactivate = async |tx: &mut _, now| {
        tenancy::turn_tenant(&permit, tx, tenant, turn, now).await.map(TurnedTenant::from)
    };
    once.done_by_operator(&permit, reactivate).await
}
