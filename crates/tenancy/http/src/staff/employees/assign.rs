//! `PUT /staff/{user_id}/assignments`: an employee gets a role at a location.

use actix_web::{put, web::Data};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_kernel::{OrganizationId, Problem, RoleId, UserId, iso};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_tenancy::staff::{self, AssignmentForm};
use tryzore_tenancy_postgres::{StaffView, Tenancy};
use tryzore_web::{Allow, ApiError, Body, Path, Resource};
use utoipa::ToSchema;

/// A role at a location.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignmentBody {
    /// The location of the role.
    #[serde(rename = "organization_id")]
    organization: OrganizationId,
    /// The role.
    #[serde(rename = "role_id")]
    role: RoleId,
    /// Whether this becomes the primary location of the employee. False changes nothing: an employee has
    /// exactly one primary location.
    #[serde(default)]
    is_primary: bool,
    /// When the role ends, in the future; null or left out for good. From then on it grants nothing, and is listed
    /// as expired.
    #[serde(default, deserialize_with = "iso::read")]
    expires_at: Option<DateTime<Utc>>,
}

impl From<AssignmentBody> for AssignmentForm {
    fn from(body: AssignmentBody) -> Self {
        Self {
            organization: body.organization,
            role: body.role,
            is_primary: body.is_primary,
            expires_at: body.expires_at,
        }
    }
}

/// Assign a role to an employee
///
/// Sets the role at a location and replaces the one before, with its end: a role without `expires_at` is held for
/// good. You can only give or take permissions that you hold.
#[utoipa::path(
    operation_id = "assign_employee",
    tag = "staff",
    params(("user_id" = UserId, Path)),
    request_body = AssignmentBody,
    responses((status = 200, body = StaffView)),
    extensions(
        ("x-permission" = json!("settings.manage_staff")),
        ("x-denials" = json!(["rbac.give.exceeds_own", "staff.last_owner", "staff.role.comes_with_owning"]))
    )
)]
#[put("/staff/{user_id}/assignments")]
pub(super) async fn assign(
    Allow(permit): Allow<ManageStaff>,
    Path(user): Path<UserId>,
    Body(body): Body<AssignmentBody>,
    db: Data<Db>,
) -> Result<Resource<StaffView>, ApiError> {
    let now = db.clock().now();
    let assign = async |tx: &mut TenantTx| {
        staff::assign(&permit, &mut tx.tenancy(), user, body.into(), now).await?;
        tx.tenancy().staff_view(&permit, user).await?.ok_or_else(|| Problem::not_found("employee"))
    };
    Ok(Resource(db.tenant_tx(&permit, assign).await?))
}
