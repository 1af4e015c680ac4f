//! `POST /platform/operators/{operator_id}/overrides`: an override grants or denies permissions (RBA-04).

use super::saved::SavedOperator;
use actix_web::post;
use serde::Deserialize;
use tryzore_kernel::UserId;
use tryzore_postgres::PlatformTx;
use tryzore_rbac::{
    Effect,
    operators::{self, OperatorOverrideForm},
    platform::ManageOperators,
};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{AllowPlatform, ApiError, Body, IfMatch, Once, Path, Reply};
use utoipa::ToSchema;

/// An override of an operator, and the reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OperatorOverrideBody {
    /// The slug or the wildcard of the permissions.
    #[schema(min_length = 1, max_length = 100, example = "platform.replay_jobs")]
    pattern: String,
    /// `allow` or `deny`.
    effect: Effect,
    /// The reason, which the audit trail of the platform stores.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Set an override of an operator
///
/// For operators. Grants permissions beside the role or denies them whatever the role grants, and replaces the
/// override for the same pattern. The rules of changing the role apply.
#[utoipa::path(
    operation_id = "set_operator_override",
    tag = "platform",
    params(
        ("operator_id" = UserId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    request_body = OperatorOverrideBody,
    responses((status = 200, body = SavedOperator)),
    extensions(
        ("x-permission" = json!("platform.manage_operators")),
        ("x-denials" = json!([
            "operators.dismissed", "operators.last_super_admin", "operators.own", "rbac.give.exceeds_own"
        ]))
    )
)]
#[post("/platform/operators/{operator_id}/overrides")]
pub(super) async fn set_override(
    AllowPlatform(permit): AllowPlatform<ManageOperators>,
    Path(operator): Path<UserId>,
    read: IfMatch,
    Body(OperatorOverrideBody { pattern, effect, reason }): Body<OperatorOverrideBody>,
    once: Once,
) -> Result<Reply<SavedOperator>, ApiError> {
    let form = OperatorOverrideForm { pattern, effect, reason, version: read.required()? };
    let set = async |tx: &mut PlatformTx, now| {
        let set = operators::set_override(&permit, &mut tx.rbac(), operator, form, now).await;
        set.map(SavedOperator::from)
    };
    once.done_by_operator(&permit, set).await
}
