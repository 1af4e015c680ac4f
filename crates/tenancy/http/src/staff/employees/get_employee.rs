//! `GET /staff/{user_id}`: one employee.

use actix_web::{get, web::Data};
use tryzore_kernel::{Problem, UserId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_tenancy_postgres::StaffView;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Path, Resource};

/// Get an employee
///
/// The employee with the roles at the locations where you manage staff. An employee who works at none of
/// them is not found.
#[utoipa::path(
    tag = "staff",
    params(("user_id" = UserId, Path)),
    responses((status = 200, body = StaffView)),
    extensions(("x-permission" = json!("settings.manage_staff")))
)]
#[get("/staff/{user_id}")]
pub(super) async fn get_employee(
    Allow(permit): Allow<ManageStaff>,
    Path(user): Path<UserId>,
    db: Data<Db>,
) -> Result<Resource<StaffView>, ApiError> {
    let found =
        db.tenant_tx(&permit, async |tx: &mut TenantTx| tx.tenancy().staff_view(&permit, user).await).await?;
    Ok(Resource(found.ok_or_else(|| Problem::not_found("employee"))?))
}
