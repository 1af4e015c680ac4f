//! `GET /platform/operators`: the operators of the platform (RBA-04).

use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_kernel::Page;
use tryzore_postgres::{Db, PlatformTx};
use tryzore_rbac::{PlatformRole, operators::OperatorStatus, platform::ViewOperators};
use tryzore_rbac_postgres::{
    Rbac,
    operator_views::{OperatorFilter, OperatorLine},
};
use tryzore_web::{AllowPlatform, ApiError, Listed, Listing, Paging};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only operators with this status; by default the active ones.
    #[param(inline)]
    status: Option<OperatorStatus>,
    /// Only operators with this role.
    #[param(inline)]
    role: Option<PlatformRole>,
}

/// List operators
///
/// For operators. Ordered by name.
#[utoipa::path(
    tag = "platform",
    params(Query, Paging),
    responses((status = 200, body = Page<OperatorLine>)),
    extensions(("x-permission" = json!("platform.view_operators")))
)]
#[get("/platform/operators")]
pub(super) async fn list_operators(
    AllowPlatform(permit): AllowPlatform<ViewOperators>,
    Listing(Query { status, role }, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<OperatorLine>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let filter = OperatorFilter { status, role };
    let list = async |tx: &mut PlatformTx| tx.rbac().operators_list(filter, after, limit).await;
    Ok(paging.answer(db.operator_tx(&permit, list).await?))
}
