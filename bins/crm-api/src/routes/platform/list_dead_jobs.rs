//! `GET /platform/jobs/dead`: work that was given up.

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Deserialize;
use tryzore_kernel::Page;
use tryzore_postgres::{Db, PlatformTx, runtime::dead::DeadJob};
use tryzore_rbac::platform::ViewJobs;
use tryzore_web::{AllowPlatform, ApiError, Paging, Parameters};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Only of this kind: `webhooks.process`.
    kind: Option<String>,
    /// Rows on the page: 1 to 200, 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Work that was given up
///
/// For operators. The newest first, with the reason of the last failure.
#[utoipa::path(
    tag = "platform",
    params(Asked),
    responses((status = 200, body = Page<DeadJob>)),
    extensions(("x-permission" = json!("platform.view_jobs")))
)]
#[get("/platform/jobs/dead")]
pub(super) async fn list_dead_jobs(
    AllowPlatform(permit): AllowPlatform<ViewJobs>,
    Parameters(Asked { kind, limit, cursor }): Parameters<Asked>,
    db: Data<Db>,
) -> Result<Json<Page<DeadJob>>, ApiError> {
    let paging = Paging { limit, cursor };
    let (limit, after) = (paging.limit()?, paging.after()?);
    let list = async |tx: &mut PlatformTx| tx.jobs_dead(kind, after, limit).await;
    Ok(Json(db.operator_tx(&permit, list).await?))
}
