//! `GET /platform/overview`: the numbers of the whole platform (ANA-02).

use actix_web::{
    get,
    web::{Data, Json},
};
use tryzore_platform_postgres::{Platform, PlatformOverview};
use tryzore_postgres::{Db, PlatformTx};
use tryzore_rbac::platform::ViewOverview;
use tryzore_web::{AllowPlatform, ApiError};

/// Get the platform overview
///
/// For operators. How many tenants, locations, people and bookings there are, and how much work waits or was given
/// up. Numbers alone: nothing of a single tenant.
#[utoipa::path(
    operation_id = "get_platform_overview",
    tag = "platform",
    responses((status = 200, body = PlatformOverview)),
    extensions(("x-permission" = json!("platform.view_overview")))
)]
#[get("/platform/overview")]
pub(super) async fn get_overview(
    AllowPlatform(permit): AllowPlatform<ViewOverview>,
    db: Data<Db>,
) -> Result<Json<PlatformOverview>, ApiError> {
    let read = async |tx: &mut PlatformTx| tx.platform().overview().await;
    Ok(Json(db.operator_tx(&permit, read).await?))
}
