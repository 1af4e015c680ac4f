//! `GET /permissions/explain`: why someone can or can't.

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
    /// Who.
    #[serde(rename = "user_id")]
    user: UserId,
    /// What.
    #[param(example = "events.create")]
    permission: String,
    /// Where.
    #[serde(rename = "organization_id")]
    organization: OrganizationId,
}

/// Whether a permission is held at a location, and what decided.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplanationView {
    /// What was asked about.
    permission: &'static str,
    /// Whether it is held.
    allowed: bool,
    /// What decided. `by` is `deny_override`, `allow_override`, `role`, `own` or `default`; beside
    /// it are the pattern, and the role with its scope.
    #[schema(value_type = Object, example = json!({"by": "role", "role": "Trainer", "pattern": "events.*", "scope": "organization"}))]
    because: Ground,
    /// What else would give it: taking one away changes nothing.
    #[schema(value_type = Vec<Object>)]
    also: Vec<Ground>,
}

impl From<Explanation> for ExplanationView {
    fn from(why: Explanation) -> Self {
        Self { permission: why.permission, allowed: why.allowed, because: why.because, also: why.also }
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
