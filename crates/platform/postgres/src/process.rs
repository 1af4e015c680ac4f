//! The job that processes a delivery: it reads the delivery, applies the news, and marks the delivery, in
//! one transaction.
//!
//! The worker passes in a function that applies a delivery: this crate knows no provider. The queue retries after a failure, and the failure is recorded on the delivery for operators.

use crate::Platform;
use crate::PlatformStore;
use chrono::{DateTime, Utc};
use tryzore_kernel::{Problem, StoreResult};
use tryzore_platform::{
    Delivery, ProcessError, Processing, Verdict, note_failure, process as process_delivery,
};
use tryzore_postgres::{
    AuthTx, Db,
    runtime::{Failure, Job, program::Outcome},
    scopes::NoTenant,
    store::{Parts, Transaction},
};
use tryzore_rbac::{Actor, SystemActor};

/// The kind of the jobs that process a delivery.
pub const PROCESS: &str = "webhooks.process";

/// Applies the news in a delivery, in the transaction that marks it as processed.
pub trait Apply:
    AsyncFnOnce(Parts<'_, NoTenant>, &Delivery, DateTime<Utc>) -> Result<Verdict, ProcessError>
{
}

impl<F> Apply for F where
    F: AsyncFnOnce(Parts<'_, NoTenant>, &Delivery, DateTime<Utc>) -> Result<Verdict, ProcessError>
{
}

/// Runs `job`, whose kind is [`PROCESS`]. A delivery has its effect once, however often its job runs, and
/// once more for each replay.
///
/// # Errors
/// Permanent when the delivery cannot be read.
pub async fn process(db: Db, job: Job, apply: impl Apply) -> Outcome {
    let work: Processing = job.payload()?;
    let now = db.clock().now();
    let Err(failure) = attempt(&db, &job, work, apply, now).await else { return Ok(()) };
    let is_last = failure.is_permanent || job.is_last_attempt();
    let noted = db
        .auth_tx(async |tx| -> StoreResult<()> {
            note_failure(&mut tx.platform(), work, &failure.reason, is_last, now).await
        })
        .await;
    if let Err(problem) = noted {
        tracing::warn!(delivery = %work.delivery, %problem, "a failed delivery could not be marked");
    }
    Err(failure)
}

async fn attempt(db: &Db, job: &Job, work: Processing, apply: impl Apply, now: DateTime<Utc>) -> Outcome {
    // The transaction returns a problem for callers, with less detail than the error here.
    let mut failed = None;
    let answer = db
        .auth_tx(async |tx| {
            tx.act_as(Actor::System { system: SystemActor::Webhook });
            let done = follow(tx, job, work, apply, now).await;
            done.map_err(|error| {
                failed = Some(Failure { is_permanent: error.is_permanent(), reason: error.to_string() });
                Problem::from(error)
            })
        })
        .await;
    answer.map_err(|problem| failed.unwrap_or_else(|| problem.into()))
}

async fn follow(
    tx: &mut AuthTx,
    job: &Job,
    work: Processing,
    apply: impl Apply,
    now: DateTime<Utc>,
) -> Result<(), ProcessError> {
    // A worker may have died after it did the replay but before it reported success. Such a replay is not
    // repeated.
    if work.is_replay && !tx.is_first_time("webhooks.replay", job.id).await? {
        return Ok(());
    }
    let follow = async |tx: &mut PlatformStore<'_, NoTenant>, delivery: &Delivery| {
        apply(tx.parts(), delivery, now).await
    };
    process_delivery(&mut tx.platform(), work, job.id.to_string(), follow, now).await.map(drop)
}
