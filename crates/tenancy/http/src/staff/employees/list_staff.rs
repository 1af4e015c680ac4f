//! `GET /staff`: the employees at the locations where the caller manages staff.

use actix_web::{get, web::Data};
use tryzore_kernel::Page;
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_tenancy_postgres::StaffView;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Listed, Listing, NoFilter, Paging};

/// List employees
///
/// Ordered by name, with the roles at the locations where you manage staff.
#[utoipa::path(
    operation_id = "list_employees",
    tag = "staff",
    params(Paging),
    responses((status = 200, body = Page<StaffView>)),
    extensions(("x-permission" = json!("settings.manage_staff")))
)]
#[get("/staff")]
pub(super) async fn list_staff(
    Allow(permit): Allow<ManageStaff>,
    Listing(NoFilter {}, paging): Listing<NoFilter>,
    db: Data<Db>,
) -> Result<Listed<StaffView>, ApiError> {
    let (limit, cursor) = (paging.limit()?, paging.cursor.as_deref());
    let list = async |tx: &mut TenantTx| tx.tenancy().staff_list(&permit, limit, cursor).await;
    Ok(paging.answer(db.tenant_tx(&permit, list).await?))
}
