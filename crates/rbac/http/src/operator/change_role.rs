//! `POST /platform/operators/{operator_id}/role`: an operator gets another role (RBA-04).

use super::saved::SavedOperator;
use actix_web::post;
use serde::Deserialize;
use tryzore_kernel::UserId;
use tryzore_postgres::PlatformTx;
use tryzore_rbac::{
    PlatformRole,
    operators::{self, ChangeNote},
    platform::ManageOperators,
};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{AllowPlatform, ApiError, Body, IfMatch, Once, Path, Reply};
use utoipa::ToSchema;

/// The new role of an operator, and the reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OperatorRoleBody {
    /// The role.
    role: PlatformRole,
    /// The reason, which the audit trail of the platform stores.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Change the role of an operator
///
/// For operators. Overrides stay. You can only change an operator all of whose permissions, before and after, you
/// hold, and never yourself. The last super admin keeps the role. Giving an operator the role that they have has no
/// effect.
#[utoipa::path(
    operation_id = "change_operator_role",
    tag = "platform",
    params(
        ("operator_id" = UserId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    request_body = OperatorRoleBody,
    responses((status = 200, body = SavedOperator)),
    extensions(
        ("x-permission" = json!("platform.manage_operators")),
        ("x-denials" = json!([
            "operators.dismissed", "operators.last_super_admin", "operators.own", "rbac.give.exceeds_own"
        ]))
    )
)]
#[post("/platform/operators/{operator_id}/role")]
pub(super) async fn change_role(
    AllowPlatform(permit): AllowPlatform<ManageOperators>,
    Path(operator): Path<UserId>,
    read: IfMatch,
    Body(OperatorRoleBody { role, reason }): Body<OperatorRoleBody>,
    once: Once,
) -> Result<Reply<SavedOperator>, ApiError> {
    let note = ChangeNote { reason, version: read.required()? };
    let change = async |tx: &mut PlatformTx, now| {
        let changed = operators::change_role(&permit, &mut tx.rbac(), operator, role, note, now).await;
        changed.map(SavedOperator::from)
    };
    once.done_by_operator(&permit, change).await
}
