//! `POST /platform/operators`: a user becomes an operator (RBA-04).

use super::saved::SavedOperator;
use actix_web::post;
use serde::Deserialize;
use tryzore_postgres::PlatformTx;
use tryzore_rbac::{
    PlatformRole,
    operators::{self, Appointment},
    platform::ManageOperators,
};
use tryzore_rbac_postgres::Rbac;
use tryzore_web::{AllowPlatform, ApiError, Body, Once, Reply};
use utoipa::ToSchema;

/// Whom to appoint, as what and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AppointOperatorBody {
    /// The email address of a user who has proven it.
    #[schema(format = "email", max_length = 255, example = "name@example.com")]
    email: String,
    /// The role.
    role: PlatformRole,
    /// The reason, which the audit trail of the platform stores.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Appoint an operator
///
/// For operators. A user with a proven address becomes an operator, also someone who was dismissed before. You can
/// only give permissions that you hold.
#[utoipa::path(
    operation_id = "appoint_operator",
    tag = "platform",
    request_body = AppointOperatorBody,
    responses((status = 201, body = SavedOperator)),
    extensions(
        ("x-permission" = json!("platform.manage_operators")),
        ("x-denials" = json!([
            "operators.appoint.already", "operators.appoint.unknown_user", "operators.own", "rbac.give.exceeds_own"
        ]))
    )
)]
#[post("/platform/operators")]
pub(super) async fn appoint(
    AllowPlatform(permit): AllowPlatform<ManageOperators>,
    Body(AppointOperatorBody { email, role, reason }): Body<AppointOperatorBody>,
    once: Once,
) -> Result<Reply<SavedOperator>, ApiError> {
    let appointment = Appointment { email, role, reason };
    let appoint = async |tx: &mut PlatformTx, now| {
        operators::appoint(&permit, &mut tx.rbac(), appointment, now).await.map(SavedOperator::from)
    };
    once.created_by_operator(&permit, appoint).await
}
