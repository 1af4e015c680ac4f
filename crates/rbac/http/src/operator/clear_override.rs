//! `POST /platform/operators/{operator_id}/overrides/clear`: an override is deleted (RBA-04).

use super::saved::SavedOperator;
use actix_web::post;
use serde::Deserialize;
use tryzore_kernel::UserId;
use tryzore_postgres::PlatformTx;
use tryzore_rbac::{
    operators::{self, ChangeNote},
    platform::ManageOperators,
};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{AllowPlatform, ApiError, Body, IfMatch, Once, Path, Reply};
use utoipa::ToSchema;

/// Which override to delete, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClearOperatorOverrideBody {
    /// The slug or the wildcard of the override.
    #[schema(min_length = 1, max_length = 100, example = "platform.replay_jobs")]
    pattern: String,
    /// The reason, which the audit trail of the platform stores.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Clear an override of an operator
///
/// For operators. The role decides again. The rules of changing the role apply. An override that does not exist is
/// answered with 404.
#[utoipa::path(
    operation_id = "clear_operator_override",
    tag = "platform",
    params(
        ("operator_id" = UserId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    request_body = ClearOperatorOverrideBody,
    responses((status = 200, body = SavedOperator)),
    extensions(
        ("x-permission" = json!("platform.manage_operators")),
        ("x-denials" = json!([
            "operators.dismissed", "operators.last_super_admin", "operators.own", "rbac.give.exceeds_own"
        ]))
    )
)]
#[post("/platform/operators/{operator_id}/overrides/clear")]
pub(super) async fn clear_override(
    AllowPlatform(permit): AllowPlatform<ManageOperators>,
    Path(operator): Path<UserId>,
    read: IfMatch,
    Body(ClearOperatorOverrideBody { pattern, reason }): Body<ClearOperatorOverrideBody>,
    once: Once,
) -> Result<Reply<SavedOperator>, ApiError> {
    let note = ChangeNote { reason, version: read.required()? };
    let clear = async |tx: &mut PlatformTx, now| {
        let cleared = operators::clear_override(&permit, &mut tx.rbac(), operator, &pattern, note, now).await;
        cleared.map(SavedOperator::from)
    };
    once.done_by_operator(&permit, clear).await
}
