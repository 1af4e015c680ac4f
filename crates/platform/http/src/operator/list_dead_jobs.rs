//! `GET /platform/jobs/dead`: dead jobs.

use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_kernel::Page;
use tryzore_postgres::{Db, PlatformTx, runtime::dead::DeadJob};
use tryzore_rbac::platform::ViewJobs;
use tryzore_web::{AllowPlatform, ApiError, Listed, Listing, Paging};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only jobs of this kind, such as `webhooks.process`.
    kind: Option<String>,
}

/// List dead jobs
///
/// For operators. The jobs that were given up after their last attempt, newest first, with the reason of
/// the last failure.
#[utoipa::path(
    tag = "platform",
    params(Query, Paging),
    responses((status = 200, body = Page<DeadJob>)),
    extensions(("x-permission" = json!("platform.view_jobs")))
)]
#[get("/platform/jobs/dead")]
pub(super) async fn list_dead_jobs(
    AllowPlatform(permit): AllowPlatform<ViewJobs>,
    Listing(Query { kind }, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<DeadJob>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let list = async |tx: &mut PlatformTx| tx.jobs_dead(kind, after, limit).await;
    Ok(paging.answer(db.operator_tx(&permit, list).await?))
}
