//! `GET /roles/{role_id}`: one role.

use actix_web::{get, web::Data};
use tryzore_kernel::RoleId;
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::ViewRoles;
use tryzore_rbac_postgres::Rbac;
use tryzore_rbac_postgres::RoleView;
use tryzore_web::{Allow, ApiError, Path, Resource};

/// Get a role
///
/// The role with its version as `ETag`.
#[utoipa::path(
    tag = "roles",
    params(("role_id" = RoleId, Path)),
    responses((status = 200, body = RoleView)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/roles/{role_id}")]
pub(super) async fn get_role(
    Allow(permit): Allow<ViewRoles>,
    Path(id): Path<RoleId>,
    db: Data<Db>,
) -> Result<Resource<RoleView>, ApiError> {
    let find = async |tx: &mut TenantTx| tx.rbac().role_view(&permit, id).await;
    Ok(Resource(db.tenant_tx(&permit, find).await?))
}
