//! `POST /platform/jobs/{job}/replay`: work that was given up is done again.

use actix_web::{HttpResponse, post, web::Data};
use tryzore_kernel::{JobId, Problem};
use tryzore_postgres::{Db, PlatformTx};
use tryzore_rbac::platform::ReplayJobs;
use tryzore_web::{AllowPlatform, ApiError, Path};

/// Have work that was given up done again
///
/// For operators. 404 for work that was not given up; 409 when other work of its key waits or runs:
/// replay it then.
#[utoipa::path(
    tag = "platform",
    params(("job" = JobId, Path)),
    responses((status = 202, description = "It will be done")),
    extensions(("x-permission" = json!("platform.replay_jobs")), ("x-idempotency" = json!("none")))
)]
#[post("/platform/jobs/{job}/replay")]
pub(super) async fn replay_job(
    AllowPlatform(permit): AllowPlatform<ReplayJobs>,
    Path(job): Path<JobId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let replay = async |tx: &mut PlatformTx| match tx.job_replay(job).await? {
        true => Ok(()),
        false => Err(Problem::not_found("job that was given up")),
    };
    db.operator_tx(&permit, replay).await?;
    Ok(HttpResponse::Accepted().finish())
}
