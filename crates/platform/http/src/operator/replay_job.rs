//! `POST /platform/jobs/{job_id}/replay`: a dead job is run again.

use actix_web::{HttpResponse, post, web::Data};
use tryzore_kernel::{JobId, Problem};
use tryzore_postgres::{Db, PlatformTx};
use tryzore_rbac::platform::ReplayJobs;
use tryzore_web::{AllowPlatform, ApiError, Path};

/// Replay a dead job
///
/// For operators. 404 for a job that is not dead; 409 when another job of the same key waits or runs.
#[utoipa::path(
    tag = "platform",
    params(("job_id" = JobId, Path)),
    responses((status = 202, description = "The job will run again")),
    extensions(("x-permission" = json!("platform.replay_jobs")), ("x-idempotency" = json!("none")))
)]
#[post("/platform/jobs/{job_id}/replay")]
pub(super) async fn replay_job(
    AllowPlatform(permit): AllowPlatform<ReplayJobs>,
    Path(job): Path<JobId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let replay = async |tx: &mut PlatformTx| match tx.job_replay(job).await? {
        true => Ok(()),
        false => Err(Problem::not_found("dead job")),
    };
    db.operator_tx(&permit, replay).await?;
    Ok(HttpResponse::Accepted().finish())
}
