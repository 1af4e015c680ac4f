//! `GET /permissions`: the permissions that a role can contain.

use actix_web::{get, web::Json};
use serde::Serialize;
use tryzore_rbac::{Slug, catalogue::ViewRoles};
use tryzore_web::{Allow, ApiError};
use utoipa::ToSchema;

/// One permission.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PermissionView {
    /// The slug of the permission.
    #[schema(example = "events.create")]
    permission: &'static str,
    /// A short description of what the permission allows.
    description: &'static str,
}

/// The catalogue of permissions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PermissionList {
    /// The permissions, in the order of the catalogue.
    data: Vec<PermissionView>,
}

/// List permissions
///
/// Every permission that a role can hold. What clients may do for themselves is not listed, because every
/// client may.
#[utoipa::path(
    tag = "roles",
    responses((status = 200, body = PermissionList)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/permissions")]
pub(super) async fn list_permissions(_: Allow<ViewRoles>) -> Result<Json<PermissionList>, ApiError> {
    let assignable = Slug::ALL.iter().filter(|slug| slug.is_assignable());
    let view = |slug: &Slug| PermissionView { permission: slug.as_str(), description: slug.description() };
    Ok(Json(PermissionList { data: assignable.map(view).collect() }))
}
