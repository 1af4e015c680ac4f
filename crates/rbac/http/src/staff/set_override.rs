//! `PUT /staff/{user_id}/overrides`: an override grants or denies a permission.

use actix_web::{put, web::Data};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_kernel::{OrganizationId, UserId, iso};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{
    Effect,
    catalogue::ManageRoles,
    manage::{self, PermissionOverrideForm},
};
use tryzore_rbac_postgres::{OverrideView, Rbac};
use tryzore_web::{Allow, ApiError, Body, Path, Resource};
use utoipa::ToSchema;

/// The override and its reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideBody {
    /// The slug or wildcard of the permissions.
    #[schema(example = "events.create")]
    pattern: String,
    /// `allow` or `deny`.
    effect: Effect,
    // Required, because an override without a location applies to the whole tenant.
    /// The location of the override; null for the whole tenant.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// The reason for the override.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// When the override ends, in the future; null or left out for good. From then on it decides nothing, and is
    /// listed as expired.
    #[serde(default, deserialize_with = "iso::read")]
    expires_at: Option<DateTime<Utc>>,
}

impl From<OverrideBody> for PermissionOverrideForm {
    fn from(body: OverrideBody) -> Self {
        Self {
            pattern: body.pattern,
            effect: body.effect,
            organization: body.organization,
            reason: body.reason,
            expires_at: body.expires_at,
        }
    }
}

/// Set a permission override
///
/// Grants or denies a permission to one employee, and replaces the override for the same pattern and
/// location. You can only give or take permissions that you hold, and you cannot change your own.
#[utoipa::path(
    tag = "roles",
    params(("user_id" = UserId, Path)),
    request_body = OverrideBody,
    responses((status = 200, body = OverrideView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-denials" = json!(["rbac.give.exceeds_own", "rbac.override.own", "rbac.override.owner"]))
    )
)]
#[put("/staff/{user_id}/overrides")]
pub(super) async fn set_override(
    Allow(permit): Allow<ManageRoles>,
    Path(user): Path<UserId>,
    Body(body): Body<OverrideBody>,
    db: Data<Db>,
) -> Result<Resource<OverrideView>, ApiError> {
    let now = db.clock().now();
    let permission_override = PermissionOverrideForm::from(body).check(user, now)?;
    let set = async |tx: &mut TenantTx| {
        manage::set_override(&permit, &mut tx.rbac(), permission_override, now).await
    };
    Ok(Resource(db.tenant_tx(&permit, set).await?.into()))
}
