//! `GET /staff`: who works where one manages staff.

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Deserialize;
use tryzore_kernel::Page;
use tryzore_postgres::{Db, TenantTx, tenancy::StaffView};
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_web::{Allow, ApiError, Paging, Parameters};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Rows on the page: 1 to 200, 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Who works here
///
/// By name, with the roles at the locations where one manages staff.
#[utoipa::path(
    tag = "staff",
    params(Asked),
    responses((status = 200, body = Page<StaffView>)),
    extensions(("x-permission" = json!("settings.manage_staff")))
)]
#[get("/staff")]
pub(super) async fn list_staff(
    Allow(permit): Allow<ManageStaff>,
    Parameters(Asked { limit, cursor }): Parameters<Asked>,
    db: Data<Db>,
) -> Result<Json<Page<StaffView>>, ApiError> {
    let paging = Paging { limit, cursor };
    let (limit, cursor) = (paging.limit()?, paging.cursor.as_deref());
    let list = async |tx: &mut TenantTx| tx.staff_list(&permit, limit, cursor).await;
    Ok(Json(db.tenant_tx(&permit, list).await?))
}
