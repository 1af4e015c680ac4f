//! `GET /staff`: who works where one manages staff.

use actix_web::{
    get,
    web::{Data, Json},
};
use tryzore_kernel::Page;
use tryzore_postgres::{Db, TenantTx, tenancy::StaffView};
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_web::{Allow, ApiError, Paging, Parameters};

/// Who works here
///
/// By name, with the roles at the locations where one manages staff.
#[utoipa::path(
    tag = "staff",
    params(Paging),
    responses((status = 200, body = Page<StaffView>)),
    extensions(("x-permission" = json!("settings.manage_staff")))
)]
#[get("/staff")]
pub(super) async fn list_staff(
    Allow(permit): Allow<ManageStaff>,
    Parameters(paging): Parameters<Paging>,
    db: Data<Db>,
) -> Result<Json<Page<StaffView>>, ApiError> {
    let (limit, cursor) = (paging.limit()?, paging.cursor.as_deref());
    let list = async |tx: &mut TenantTx| tx.staff_list(&permit, limit, cursor).await;
    Ok(Json(db.tenant_tx(&permit, list).await?))
}
