//! `PUT /roles/{role_id}`: a role of the tenant is changed.

use super::role_body::RoleBody;
use actix_web::put;
use tryzore_kernel::RoleId;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{
    catalogue::ManageRoles,
    manage::{self, RoleForm},
};
use tryzore_rbac_postgres::{Rbac, RoleView};
use tryzore_web::{Allow, ApiError, Body, Change, Path, Resource};

/// Change a role
///
/// The change takes effect at once for everyone who has the role. It requires managing roles wherever
/// someone has the role or is invited to it. Built-in roles cannot be changed.
#[utoipa::path(
    tag = "roles",
    params(
        ("role_id" = RoleId, Path),
        Change
    ),
    request_body = RoleBody,
    responses((status = 200, body = RoleView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-denials" = json!([
            "rbac.give.exceeds_own",
            "rbac.role.name_taken",
            "rbac.role.preset",
            "rbac.role.used_elsewhere",
        ]))
    )
)]
#[put("/roles/{role_id}")]
pub(super) async fn edit_role(
    Allow(permit): Allow<ManageRoles>,
    Path(role): Path<RoleId>,
    change: Change,
    Body(body): Body<RoleBody>,
) -> Result<Resource<RoleView>, ApiError> {
    let draft = RoleForm::from(body).check()?;
    let edit = async |tx: &mut TenantTx, version, now| {
        manage::edit_role(&permit, &mut tx.rbac(), role, version, draft, now).await?;
        tx.rbac().role_view(&permit, role).await
    };
    change.done(&permit, edit).await
}
