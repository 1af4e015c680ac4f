//! Dead jobs at the command line: `tryzore-worker dead`, `tryzore-worker replay job_…`.

use tryzore_kernel::{JobId, Limit, Page, Problem};
use tryzore_postgres::{Db, runtime::dead::DeadJob};
use tryzore_rbac::SystemActor;

/// The newest two hundred dead jobs, one per line.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &Db) -> Result<Vec<String>, Problem> {
    let most = Limit::try_new(Limit::MAX).unwrap_or_default();
    let page: Page<DeadJob> =
        db.platform_tx(SystemActor::Worker, async |tx| tx.jobs_dead(None, None, most).await).await?;
    let line = |job: &DeadJob| {
        let dead_at = job.dead_at.map(|at| at.to_rfc3339()).unwrap_or_default();
        let reason = job.last_error.as_deref().unwrap_or_default();
        format!("{}  {dead_at}  {}  after {} attempts: {reason}", job.id, job.kind, job.attempts)
    };
    Ok(page.data.iter().map(line).collect())
}

/// Replays a dead job; returns whether there is one.
///
/// # Errors
/// A conflict when another job with its deduplication key waits or runs.
pub async fn replay(db: &Db, job: JobId) -> Result<bool, Problem> {
    db.platform_tx(SystemActor::Worker, async |tx| tx.job_replay(job).await).await
}
