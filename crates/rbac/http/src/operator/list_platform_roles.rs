//! `GET /platform/roles`: the roles of operators (RBA-04).

use actix_web::{get, web::Json};
use serde::Serialize;
use tryzore_rbac::{PlatformRole, PlatformSlug, platform::ViewOperators};
use tryzore_web::{AllowPlatform, ApiError};
use utoipa::ToSchema;

/// One role of operators.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlatformRoleView {
    /// The stable name.
    role: PlatformRole,
    /// The display name.
    #[schema(example = "Support Admin")]
    name: &'static str,
    /// A description.
    description: &'static str,
    /// The slugs and wildcards of the role.
    patterns: &'static [&'static str],
    /// The permissions that they stand for, in the order of the catalogue.
    permissions: Vec<&'static str>,
}

/// The roles of operators.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlatformRoleList {
    /// The roles, most powerful first.
    data: Vec<PlatformRoleView>,
}

/// List platform roles
///
/// For operators. The roles that an operator can have. They come with the product and cannot be changed; overrides
/// of one operator grant or deny permissions beside the role.
#[utoipa::path(
    tag = "platform",
    responses((status = 200, body = PlatformRoleList)),
    extensions(("x-permission" = json!("platform.view_operators")))
)]
#[get("/platform/roles")]
pub(super) async fn list_platform_roles(
    _: AllowPlatform<ViewOperators>,
) -> Result<Json<PlatformRoleList>, ApiError> {
    let view = |role: PlatformRole| PlatformRoleView {
        role,
        name: role.name(),
        description: role.description(),
        patterns: role.patterns(),
        permissions: role.permissions().into_iter().map(PlatformSlug::as_str).collect(),
    };
    Ok(Json(PlatformRoleList { data: PlatformRole::ALL.map(view).into() }))
}
