//! `DELETE /staff/{user_id}`: an employment ends.

use actix_web::{HttpResponse, delete, web::Data};
use tryzore_kernel::UserId;
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_tenancy::staff;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Path};

/// Dismiss an employee
///
/// Ends the employment: all roles and overrides of the employee are removed. A tenant always keeps an
/// owner.
#[utoipa::path(
    operation_id = "dismiss_employee",
    tag = "staff",
    params(("user_id" = UserId, Path)),
    responses((status = 204, description = "Ended")),
    extensions(
        ("x-permission" = json!("settings.manage_staff")),
        ("x-denials" = json!(["rbac.give.exceeds_own", "staff.last_owner"]))
    )
)]
#[delete("/staff/{user_id}")]
pub(super) async fn dismiss(
    Allow(permit): Allow<ManageStaff>,
    Path(user): Path<UserId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    db.tenant_tx(&permit, async |tx| staff::dismiss(&permit, &mut tx.tenancy(), user, now).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
