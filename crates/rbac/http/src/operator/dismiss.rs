//! `POST /platform/operators/{operator_id}/dismiss`: an operator is dismissed (RBA-04).

use super::saved::{OperatorReason, SavedOperator};
use actix_web::post;
use tryzore_kernel::UserId;
use tryzore_postgres::PlatformTx;
use tryzore_rbac::{operators, platform::ManageOperators};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{AllowPlatform, ApiError, Body, IfMatch, Once, Path, Reply};

/// Dismiss an operator
///
/// For operators. From the next request on, the user may do nothing over the platform; their overrides are deleted.
/// The user stays, and can be appointed again. You can only dismiss an operator all of whose permissions you hold,
/// and never yourself or the last super admin. Dismissing them again has no effect.
#[utoipa::path(
    operation_id = "dismiss_operator",
    tag = "platform",
    params(
        ("operator_id" = UserId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    request_body = OperatorReason,
    responses((status = 200, body = SavedOperator)),
    extensions(
        ("x-permission" = json!("platform.manage_operators")),
        ("x-denials" = json!(["operators.last_super_admin", "operators.own", "rbac.give.exceeds_own"]))
    )
)]
#[post("/platform/operators/{operator_id}/dismiss")]
pub(super) async fn dismiss(
    AllowPlatform(permit): AllowPlatform<ManageOperators>,
    Path(operator): Path<UserId>,
    read: IfMatch,
    Body(reason): Body<OperatorReason>,
    once: Once,
) -> Result<Reply<SavedOperator>, ApiError> {
    let note = reason.note(read.required()?);
    let dismiss = async |tx: &mut PlatformTx, now| {
        let dismissed = operators::dismiss(&permit, &mut tx.rbac(), operator, note, now).await;
        dismissed.map(SavedOperator::from)
    };
    once.done_by_operator(&permit, dismiss).await
}
