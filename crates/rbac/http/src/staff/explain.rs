//! `GET /permissions/explain`: why a user has or does not have a permission.

use super::slug::slug;
use actix_web::{
    get,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{OrganizationId, UserId};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{
    catalogue::ManageRoles,
    explain::{Explanation, Ground},
    manage,
};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{Allow, ApiError, Parameters};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// The user.
    #[serde(rename = "user_id")]
    user: UserId,
    /// The slug of the permission.
    #[param(example = "events.create")]
    permission: String,
    /// The location.
    #[serde(rename = "organization_id")]
    organization: OrganizationId,
}

/// Whether a user has a permission at a location, and the deciding rule.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplanationView {
    /// The slug of the permission.
    permission: &'static str,
    /// Whether the user has the permission.
    allowed: bool,
    /// The deciding rule. `by` is `deny_override`, `allow_override`, `role`, `own` or `default`; the other
    /// fields are the pattern, the role with its scope, and `until` if the rule ends.
    #[schema(value_type = Object, example = json!({"by": "role", "role": "Trainer", "pattern": "events.*", "scope": "organization"}))]
    because: Ground,
    /// Other rules that grant the permission too: removing only one of them changes nothing.
    #[schema(value_type = Vec<Object>)]
    also: Vec<Ground>,
    /// Rules about the permission that have ended, with `until` in the past.
    #[schema(value_type = Vec<Object>)]
    ended: Vec<Ground>,
}

impl From<Explanation> for ExplanationView {
    fn from(why: Explanation) -> Self {
        Self {
            permission: why.permission,
            allowed: why.allowed,
            because: why.because,
            also: why.also,
            ended: why.ended,
        }
    }
}

/// Explain a permission of a user
///
/// Why a user has or does not have a permission, by their current roles and overrides.
#[utoipa::path(
    operation_id = "explain_permission",
    tag = "roles",
    params(Query),
    responses((status = 200, body = ExplanationView)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/permissions/explain")]
pub(super) async fn explain(
    Allow(permit): Allow<ManageRoles>,
    Parameters(Query { user, permission, organization }): Parameters<Query>,
    db: Data<Db>,
) -> Result<Json<ExplanationView>, ApiError> {
    let slug = slug(&permission)?;
    let explain =
        async |tx: &mut TenantTx| manage::explain(&permit, &mut tx.rbac(), user, slug, organization).await;
    Ok(Json(db.tenant_tx(&permit, explain).await?.into()))
}
