//! `GET /permissions/who-can`: the users who have a permission at a location.

use super::slug::slug;
use actix_web::{
    get,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{OrganizationId, UserId};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{catalogue::ManageRoles, explain::Ground, manage};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{Allow, ApiError, Parameters};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// The slug of the permission.
    #[param(example = "events.create")]
    permission: String,
    /// The location.
    #[serde(rename = "organization_id")]
    organization: OrganizationId,
}

/// A user who has the permission.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WhoCanView {
    /// The id of the user.
    user_id: UserId,
    /// The name of the person in this tenant.
    name: Option<String>,
    /// The rule that grants the permission, as in an explanation.
    #[schema(value_type = Object)]
    because: Ground,
}

/// The users who have the permission.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WhoCanList {
    /// The users, ordered by name.
    data: Vec<WhoCanView>,
}

impl From<manage::WhoCan> for WhoCanView {
    fn from(who: manage::WhoCan) -> Self {
        Self { user_id: who.user, name: who.name, because: who.because }
    }
}

/// List the users who hold a permission
///
/// Every employee and owner who holds the permission at the location.
#[utoipa::path(
    operation_id = "list_permission_holders",
    tag = "roles",
    params(Query),
    responses((status = 200, body = WhoCanList)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/permissions/who-can")]
pub(super) async fn who_can(
    Allow(permit): Allow<ManageRoles>,
    Parameters(Query { permission, organization }): Parameters<Query>,
    db: Data<Db>,
) -> Result<Json<WhoCanList>, ApiError> {
    let slug = slug(&permission)?;
    let ask = async |tx: &mut TenantTx| manage::who_can(&permit, &mut tx.rbac(), slug, organization).await;
    let can = db.tenant_tx(&permit, ask).await?;
    Ok(Json(WhoCanList { data: can.into_iter().map(WhoCanView::from).collect() }))
}
