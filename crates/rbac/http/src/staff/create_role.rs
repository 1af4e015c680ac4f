//! `POST /roles`: a role is created.

use super::saved::{RoleBody, SavedRole};
use actix_web::post;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{
    catalogue::ManageRoles,
    manage::{self, RoleForm},
};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{Allow, ApiError, Body, Once, Reply};

/// Create a role
///
/// A role holds at most what its creator holds.
#[utoipa::path(
    tag = "roles",
    request_body = RoleBody,
    responses((status = 201, body = SavedRole)),
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
) -> Result<Reply<SavedRole>, ApiError> {
    let draft = RoleForm::from(body).check()?;
    let create = async |tx: &mut TenantTx, now| {
        manage::create_role(&permit, &mut tx.rbac(), draft, now).await.map(SavedRole::from)
    };
    once.created(&permit, create).await
}
