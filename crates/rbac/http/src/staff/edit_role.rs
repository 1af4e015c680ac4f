//! `PUT /roles/{role_id}`: a role of the tenant is changed.

use super::saved::{RoleBody, SavedRole};
use actix_web::{HttpResponse, put, web::Data};
use tryzore_kernel::RoleId;
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{
    catalogue::ManageRoles,
    manage::{self, RoleForm},
};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{Allow, ApiError, Body, IfMatch, Path, etag::versioned};

/// Change a role
///
/// The change takes effect at once for everyone who has the role. It requires managing roles wherever
/// someone has the role or is invited to it. Built-in roles cannot be changed.
#[utoipa::path(
    tag = "roles",
    params(
        ("role_id" = RoleId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    request_body = RoleBody,
    responses((status = 200, body = SavedRole, headers(("ETag" = String, description = "Its version")))),
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
    read: IfMatch,
    Body(body): Body<RoleBody>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (version, now) = (read.required()?, db.clock().now());
    let draft = RoleForm::from(body).check()?;
    let edit =
        async |tx: &mut TenantTx| manage::edit_role(&permit, &mut tx.rbac(), role, version, draft, now).await;
    let saved = SavedRole::from(db.tenant_tx(&permit, edit).await?);
    Ok(versioned(saved.version, &saved))
}
