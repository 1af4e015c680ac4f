//! `DELETE /roles/{role_id}`: a role of the tenant is deleted.

use actix_web::{HttpResponse, delete, web::Data};
use tryzore_kernel::RoleId;
use tryzore_postgres::Db;
use tryzore_rbac::{catalogue::ManageRoles, manage};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{Allow, ApiError, IfMatch, Path};

/// Delete a role
///
/// Only a role that nobody has and that no open invitation offers can be deleted.
#[utoipa::path(
    tag = "roles",
    params(
        ("role_id" = RoleId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    responses((status = 204, description = "Deleted")),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-denials" = json!(["rbac.role.in_use", "rbac.role.preset"]))
    )
)]
#[delete("/roles/{role_id}")]
pub(super) async fn delete_role(
    Allow(permit): Allow<ManageRoles>,
    Path(role): Path<RoleId>,
    read: IfMatch,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let version = read.required()?;
    db.tenant_tx(&permit, async |tx| manage::delete_role(&permit, &mut tx.rbac(), role, version).await)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
