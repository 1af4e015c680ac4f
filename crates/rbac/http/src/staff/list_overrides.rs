//! `GET /staff/{user_id}/overrides`: the overrides of an employee.

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Serialize;
use tryzore_kernel::{Problem, UserId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::ManageRoles;
use tryzore_rbac_postgres::OverrideView;
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{Allow, ApiError, Path};
use utoipa::ToSchema;

/// The overrides of an employee.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverrideList {
    /// The overrides, oldest first.
    data: Vec<OverrideView>,
}

/// List the permission overrides of an employee
///
/// The overrides at the locations where you manage roles, and those of the whole tenant.
#[utoipa::path(
    tag = "roles",
    params(("user_id" = UserId, Path)),
    responses((status = 200, body = OverrideList)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/staff/{user_id}/overrides")]
pub(super) async fn list_overrides(
    Allow(permit): Allow<ManageRoles>,
    Path(user): Path<UserId>,
    db: Data<Db>,
) -> Result<Json<OverrideList>, ApiError> {
    let list = async |tx: &mut TenantTx| tx.rbac().override_list(&permit, user).await;
    let data = db.tenant_tx(&permit, list).await?.ok_or_else(|| Problem::not_found("employee"))?;
    Ok(Json(OverrideList { data }))
}
