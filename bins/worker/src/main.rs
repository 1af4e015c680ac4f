//! `tryzore-worker`: runs until the stop signal. `tryzore-worker dead` lists dead jobs,
//! `tryzore-worker replay job_…` runs one again, `tryzore-worker link-users --to workos|password [--dry-run]` links
//! users to those of the identity provider.

use anyhow::bail;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tryzore_auth::Either;
use tryzore_auth_http::sign_in::provider;
use tryzore_kernel::SystemClock;
use tryzore_postgres::Db;
use tryzore_web::{
    program::stop_signal,
    settings::{self, ProviderKind},
    telemetry,
};
use tryzore_worker::{Settings, dead, link_users, worker::Worker};

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a command speaks to whoever called it")]
async fn main() -> anyhow::Result<()> {
    // Installed before any other code can install another provider.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let settings: Settings = settings::load("worker")?;
    telemetry::log(&settings.log)?;
    let mut words = std::env::args().skip(1);
    let command = words.next();
    if command.is_none() {
        tracing::info!(?settings, "starting");
        return run(settings).await;
    }
    let db = Db::connect(&settings.database, Arc::new(SystemClock))?;
    if command.as_deref() == Some("link-users") {
        let request = link_users::Request::read(&words.collect::<Vec<_>>())?;
        let lines = if request.to_workos {
            let Either::Right(workos) =
                provider(ProviderKind::Workos, settings.auth.workos.as_ref(), None, db.clock())?
            else {
                bail!("WorkOS is not configured");
            };
            link_users::to_workos(&db, &workos, request.is_dry_run).await?
        } else {
            link_users::to_password(&db, request.is_dry_run).await?
        };
        lines.iter().for_each(|line| println!("{line}"));
        return Ok(());
    }
    match (command.as_deref(), words.next()) {
        (Some("dead"), None) => dead::list(&db).await?.iter().for_each(|line| println!("{line}")),
        (Some("replay"), Some(job)) => {
            if !dead::replay(&db, job.parse()?).await? {
                bail!("there is no dead job with this id");
            }
            println!("{job} will run again");
        }
        _ => bail!("usage: tryzore-worker [dead | replay JOB | link-users --to workos|password [--dry-run]]"),
    }
    Ok(())
}

async fn run(settings: Settings) -> anyhow::Result<()> {
    let worker = Worker::new(settings, Arc::new(SystemClock))?;
    tracing::info!(health = worker.url(), "working");
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        let payload = stop_signal().await;
        tracing::info!(?payload, "stopping: finishing what runs");
        stopping.cancel();
    });
    worker.run(stop).await
}
