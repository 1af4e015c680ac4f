//! `POST /roles`: a role is created.

use super::role_body::RoleBody;
use actix_web::post;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{
    catalogue::ManageRoles,
    manage::{self, RoleForm},
};
use tryzore_rbac_postgres::{Rbac, RoleView};
use tryzore_web::{Allow, ApiError, Body, Once, Reply};

/// Create a role
///
/// A role holds at most what its creator holds.
#[utoipa::path(
    tag = "roles",
    request_body = RoleBody,
    responses((status = 201, body = RoleView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-denials" = json!(["rbac.give.exceeds_own", "rbac.role.name_taken"]))
    )
)]
#[post("/roles")]
pub(super) async fn create_role(
    Allow(permit): Allow<ManageRoles>,
    Body(body): Body<RoleBody>,
    once: Once,
) -> Result<Reply<RoleView>, ApiError> {
    let draft = RoleForm::from(body).check()?;
    let create = async |tx: &mut TenantTx, now| {
        let created = manage::create_role(&permit, &mut tx.rbac(), draft, now).await?;
        tx.rbac().role_view(&permit, created.id).await
    };
    once.created(&permit, create).await
}
