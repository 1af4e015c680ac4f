//! `GET /platform/permissions`: the permissions of operators (RBA-04).

use actix_web::{get, web::Json};
use serde::Serialize;
use tryzore_rbac::{PlatformSlug, platform::ViewOperators};
use tryzore_web::{AllowPlatform, ApiError};
use utoipa::ToSchema;

/// One permission of the platform.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlatformPermissionView {
    /// The slug of the permission.
    #[schema(example = "platform.view_tenants")]
    permission: &'static str,
    /// What the permission allows.
    description: &'static str,
}

/// The catalogue of the platform's permissions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlatformPermissionList {
    /// The permissions, in the order of the catalogue.
    data: Vec<PlatformPermissionView>,
}

/// List platform permissions
///
/// For operators. Every permission that an operator can have. No role of a tenant contains any of them.
#[utoipa::path(
    tag = "platform",
    responses((status = 200, body = PlatformPermissionList)),
    extensions(("x-permission" = json!("platform.view_operators")))
)]
#[get("/platform/permissions")]
pub(super) async fn list_platform_permissions(
    _: AllowPlatform<ViewOperators>,
) -> Result<Json<PlatformPermissionList>, ApiError> {
    let view = |slug: PlatformSlug| PlatformPermissionView {
        permission: slug.as_str(),
        description: slug.description(),
    };
    Ok(Json(PlatformPermissionList { data: PlatformSlug::ALL.map(view).into() }))
}
