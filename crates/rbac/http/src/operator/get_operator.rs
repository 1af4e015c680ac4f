//! `GET /platform/operators/{operator_id}`: an operator, and why they may do what they may (RBA-04).

use actix_web::{get, web::Data};
use tryzore_kernel::{Problem, UserId};
use tryzore_postgres::{Db, PlatformTx};
use tryzore_rbac::platform::ViewOperators;
use tryzore_rbac_postgres::{Rbac, operator_views::OperatorDetail};
use tryzore_web::{AllowPlatform, ApiError, Path, Resource};

/// Get an operator
///
/// For operators, with the version as `ETag`: the role, the overrides with their reasons, and for each permission
/// of the platform whether the operator has it and which override or role decides. A dismissed operator is shown,
/// too. Reading an operator is recorded in the event log.
#[utoipa::path(
    tag = "platform",
    params(("operator_id" = UserId, Path)),
    responses((status = 200, body = OperatorDetail)),
    extensions(("x-permission" = json!("platform.view_operators")))
)]
#[get("/platform/operators/{operator_id}")]
pub(super) async fn get_operator(
    AllowPlatform(permit): AllowPlatform<ViewOperators>,
    Path(operator): Path<UserId>,
    db: Data<Db>,
) -> Result<Resource<OperatorDetail>, ApiError> {
    let open = async |tx: &mut PlatformTx| tx.rbac().operator_open(operator).await;
    let opened = db.operator_tx(&permit, open).await?.ok_or_else(|| Problem::not_found("operator"))?;
    Ok(Resource(opened))
}
