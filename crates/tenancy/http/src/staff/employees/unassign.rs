//! `DELETE /staff/{user_id}/assignments/{organization_id}`: a role of an employee is removed.

use actix_web::{HttpResponse, delete, web::Data};
use tryzore_kernel::{OrganizationId, UserId};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_tenancy::staff;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Path};

/// Remove a role from an employee
///
/// Removes the role at a location. Removing the last role ends the employment. A tenant always keeps an
/// owner.
#[utoipa::path(
    operation_id = "unassign_employee",
    tag = "staff",
    params(("user_id" = UserId, Path), ("organization_id" = OrganizationId, Path)),
    responses((status = 204, description = "Taken away")),
    extensions(
        ("x-permission" = json!("settings.manage_staff")),
        ("x-denials" = json!(["rbac.give.exceeds_own", "staff.last_owner"]))
    )
)]
#[delete("/staff/{user_id}/assignments/{organization_id}")]
pub(super) async fn unassign(
    Allow(permit): Allow<ManageStaff>,
    Path((user, organization)): Path<(UserId, OrganizationId)>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    let unassign =
        async |tx: &mut TenantTx| staff::unassign(&permit, &mut tx.tenancy(), user, organization, now).await;
    db.tenant_tx(&permit, unassign).await?;
    Ok(HttpResponse::NoContent().finish())
}
