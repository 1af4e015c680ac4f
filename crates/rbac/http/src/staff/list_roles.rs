//! `GET /roles`: the roles of the tenant.

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Serialize;
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::ViewRoles;
use tryzore_rbac_postgres::Rbac;
use tryzore_rbac_postgres::RoleView;
use tryzore_web::{Allow, ApiError};
use utoipa::ToSchema;

/// The roles of a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoleList {
    /// The built-in roles first, then those of the tenant.
    data: Vec<RoleView>,
}

/// List roles
///
/// The roles of the tenant with their permissions, for those who manage roles and for those who invite and
/// manage staff.
#[utoipa::path(
    tag = "roles",
    responses((status = 200, body = RoleList)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/roles")]
pub(super) async fn list_roles(
    Allow(permit): Allow<ViewRoles>,
    db: Data<Db>,
) -> Result<Json<RoleList>, ApiError> {
    let data = db.tenant_tx(&permit, async |tx: &mut TenantTx| tx.rbac().role_list(&permit).await).await?;
    Ok(Json(RoleList { data }))
}
