//! Dispatcher, runner and scheduler, until the stop signal.

use crate::{PROGRAM, Services, Settings, services::Pages};
use anyhow::Context;
use futures::future::{BoxFuture, FutureExt, ready};
use std::{sync::Arc, time::Duration};
use tokio::{
    task::{JoinHandle, LocalSet},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use tryzore_auth_http::sign_in::provider;
use tryzore_kernel::{Clock, Problem};
use tryzore_postgres::{
    Db,
    invalidation::announce_invalidations,
    runtime::{
        Dispatcher, Listener, Runner, RunnerSettings, Scheduler, announce,
        listen::{OUTBOX, Wire},
    },
};
use tryzore_provider_jwt::SystemSecrets;
use tryzore_provider_smtp::Smtp;
use tryzore_rbac::{Grants, SystemActor};
use tryzore_web::{Authenticator, Running, Service, server};

const MEASURE: Duration = Duration::from_secs(15);

/// A worker that is ready to run.
pub struct Worker {
    settings: Settings,
    services: Services,
    health: Running,
}

// The worker has no operations that need a caller, only health and metrics.
struct Nobody;

impl Authenticator for Nobody {
    fn authenticate<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>> {
        ready(Err(Problem::unauthenticated("auth.token.unknown", "this service takes no tokens"))).boxed()
    }
}

impl Worker {
    /// Sets up a worker according to `settings`; its health port answers from now on.
    ///
    /// # Errors
    /// When the settings are not valid or the port is in use.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let db = Db::connect(&settings.database, clock).context("database")?;
        let mailer = Smtp::new(&settings.mail).context("mail")?;
        let auth = &settings.auth;
        let identity = Arc::new(provider(auth.provider, auth.workos.as_ref(), None, db.clock())?);
        let pages = Pages::new(&settings.links);
        let services = Services { db: db.clone(), mailer, identity, secrets: SystemSecrets, pages };
        let service = Service {
            title: "TryZore worker",
            description: "Health and metrics",
            routes: |_| {},
            authenticator: Arc::new(Nobody),
            db,
            state: Arc::new(|_| {}),
        };
        let health = server::start(service, &settings.http).context("health port")?;
        Ok(Self { settings, services, health })
    }

    /// The address of health and metrics.
    #[must_use]
    pub fn url(&self) -> String {
        self.health.url()
    }

    /// Works until `stop`, then finishes running jobs and releases the others.
    ///
    /// # Errors
    /// When the work cannot begin.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let Self { settings, services, health } = self;
        let db = services.db.clone();
        let listener = Listener::start(&settings.database, &[OUTBOX])?;
        let announcers =
            [announce(&db, &settings.database)?, announce_invalidations(&db, &settings.database)?];
        let how = RunnerSettings {
            concurrency: settings.worker.concurrency.max(1),
            // The server waits as long for requests; the supervisor waits longer than both.
            drain: Duration::from_secs(settings.http.drain_seconds),
            ..RunnerSettings::default()
        };
        let runner = Runner::new(db.clone(), services, &PROGRAM, how);
        let wire = Wire::new(&settings.database)?;
        let dispatcher = Dispatcher::new(db.clone(), &PROGRAM, wire, Arc::clone(runner.wake()));
        let scheduler = Scheduler::new(db.clone(), &PROGRAM);
        // Tasks need not be `Send`: all of them stay on this thread, and wait more than they compute.
        let local = LocalSet::new();
        local
            .run_until(async {
                tokio::join!(
                    dispatcher.run(listener.on(OUTBOX), stop.clone()),
                    scheduler.run(stop.clone()),
                    runner.run(stop.clone()),
                    measure(db, stop.clone()),
                );
            })
            .await;
        announcers.iter().for_each(JoinHandle::abort);
        health.stop().await;
        Ok(())
    }
}

async fn measure(db: Db, stop: CancellationToken) {
    let mut ticks = interval(MEASURE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match db.platform_tx(SystemActor::Worker, async |tx| tx.queue_measure().await).await {
            Ok(depth) => {
                let waited = depth.oldest.map_or(0, |since| (db.clock().now() - since).num_seconds());
                for (state, count) in [("due", depth.due), ("running", depth.running), ("dead", depth.dead)] {
                    metrics::gauge!("tryzore_jobs", "state" => state).set(count as f64);
                }
                metrics::gauge!("tryzore_jobs_oldest_seconds").set(waited as f64);
            }
            Err(problem) => tracing::warn!(%problem, "the queue could not be measured"),
        }
    }
}
