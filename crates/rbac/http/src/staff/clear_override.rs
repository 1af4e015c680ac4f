//! `DELETE /staff/{user_id}/overrides`: an override is removed.

use actix_web::{HttpResponse, delete, web::Data};
use serde::Deserialize;
use tryzore_kernel::{OrganizationId, Problem, UserId};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{BadPattern, Pattern, catalogue::ManageRoles, manage};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{Allow, ApiError, Parameters, Path};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// The slug or wildcard of the permissions.
    #[param(example = "events.create")]
    pattern: String,
    /// The location of the override; left out for an override of the whole tenant.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
}

/// Clear a permission override
///
/// Removes the override: the roles of the employee decide again.
#[utoipa::path(
    tag = "roles",
    params(("user_id" = UserId, Path), Query),
    responses((status = 204, description = "Undone")),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-denials" = json!(["rbac.give.exceeds_own", "rbac.override.own"]))
    )
)]
#[delete("/staff/{user_id}/overrides")]
pub(super) async fn clear_override(
    Allow(permit): Allow<ManageRoles>,
    Path(user): Path<UserId>,
    Parameters(Query { pattern, organization }): Parameters<Query>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let pattern: Pattern =
        pattern.parse().map_err(|bad: BadPattern| Problem::invalid("pattern", bad.to_string()))?;
    let now = db.clock().now();
    let clear = async |tx: &mut TenantTx| {
        manage::clear_override(&permit, &mut tx.rbac(), user, pattern, organization, now).await
    };
    db.tenant_tx(&permit, clear).await?;
    Ok(HttpResponse::NoContent().finish())
}
