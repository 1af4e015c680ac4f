//! `cargo xtask up`: the whole product on this machine, without keys and network.
//!
//! Starts Postgres, builds, migrates, writes the demo if the database is new, then starts the services and waits
//! for each. What runs already is left running. In the foreground it then waits: Ctrl-C stops what this run
//! started. With `--detach` it returns, and `cargo xtask down` stops everything.

use super::{down::stop, supervisor};
use crate::cluster::{Cluster, Flavour, external_url};
use crate::progress::{Progress, seconds};
use crate::say;
use crate::steps;
use crate::supervise::health::{self, Health};
use crate::supervise::services::{Ports, SERVICES};
use crate::supervise::{Launch, READY, Supervisor};
use crate::workspace::Workspace;
use anyhow::{Context, bail};
use serde::Deserialize;
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The options of `up`.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Return when everything is ready; `cargo xtask down` stops it
    #[arg(long)]
    pub detach: bool,
    /// Build and run optimised programs
    #[arg(long)]
    pub release: bool,
}

/// Runs the command.
pub async fn run(workspace: &Workspace, options: Options) -> anyhow::Result<()> {
    let progress = Progress::default();
    let first_step = Instant::now();
    let mut cluster = postgres(workspace, progress).await?;

    let step = progress.begin("build");
    match steps::run(
        steps::build(workspace, &steps::PROGRAMS, options.release),
        &workspace.step_logs().join("build.log"),
        &step,
    )
    .await
    {
        Ok(()) => step.done(if options.release { "release" } else { "debug" }),
        Err(error) => {
            step.failed("");
            return Err(error);
        }
    }
    database(workspace, &mut cluster, options.release, progress).await?;

    let launches = SERVICES
        .iter()
        .map(|service| service.launch(workspace, &cluster, &Ports::usual(), options.release))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut interrupts = Interrupts::new()?;
    let mut services = supervisor(workspace);
    let began = tokio::select! {
        result = start(&mut services, &launches, progress) => result,
        () = interrupts.next() => Err(anyhow::anyhow!("interrupted")),
    };
    if let Err(error) = began {
        // All or nothing: a half-started product is confusing.
        let started = services.started();
        stop(&mut services, started, progress).await;
        return Err(error);
    }
    say!("\nAll of it is ready, {} after the first step.", seconds(first_step.elapsed()));
    welcome(workspace, &cluster)?;
    if options.detach || services.started().is_empty() {
        say!("\nAll of it keeps running: `cargo xtask status`, `logs`, `down`.");
        return Ok(());
    }
    say!("\nCtrl-C stops it. Logs: `cargo xtask logs -f`.");
    watch(&mut services, &mut interrupts).await;
    say!("");
    let started = services.started();
    stop(&mut services, started, progress).await;
    if !cluster.reused() {
        let step = progress.begin("postgres");
        cluster.stop().await?;
        step.done("stopped");
    }
    Ok(())
}

async fn postgres(workspace: &Workspace, progress: Progress) -> anyhow::Result<Cluster> {
    let step = progress.begin("postgres");
    match Cluster::start(workspace, Flavour::Dev).await {
        Ok(cluster) => {
            let how = match (external_url().is_some(), cluster.reused()) {
                (true, _) => "given by DATABASE_URL",
                (false, true) => "running already",
                (false, false) => "started",
            };
            step.done(&format!("{} ({how})", cluster.address()));
            Ok(cluster)
        }
        Err(error) => {
            step.failed("");
            Err(error)
        }
    }
}

/// Prepares the database: logins, schema, privileges, demo.
async fn database(
    workspace: &Workspace,
    cluster: &mut Cluster,
    release: bool,
    progress: Progress,
) -> anyhow::Result<()> {
    let name = cluster.database().to_owned();
    let url = cluster.owner_url(&name);
    let step = progress.begin("migrate");
    let migrated = async {
        cluster.database_ensure(&name).await?;
        cluster.logins_ensure().await?;
        let log = workspace.step_logs().join("migrate.log");
        steps::run(steps::migrate(workspace, &url, release), &log, &step).await?;
        cluster.groups_grant().await
    };
    match migrated.await {
        Ok(()) => step.done(&name),
        Err(error) => {
            step.failed("");
            return Err(error);
        }
    }
    if cluster.wants_seed() {
        let step = progress.begin("demo");
        let log = workspace.step_logs().join("seed.log");
        let seed = steps::seed(workspace, &url, &workspace.demo(), release);
        if let Err(error) = steps::run(seed, &log, &step).await {
            step.failed("");
            return Err(error);
        }
        cluster.seeded()?;
        step.done("seeded");
    }
    Ok(())
}

/// Starts the services that do not run and waits until all are ready.
async fn start(services: &mut Supervisor, launches: &[Launch], progress: Progress) -> anyhow::Result<()> {
    let Some((first, rest)) = launches.split_first() else { return Ok(()) };
    // The sandbox first: the others call it when they start.
    start_together(services, std::slice::from_ref(first), progress).await?;
    start_together(services, rest, progress).await
}

/// Starts several services at once, then waits for each in turn.
pub async fn start_together(
    services: &mut Supervisor,
    launches: &[Launch],
    progress: Progress,
) -> anyhow::Result<()> {
    let mut fresh = Vec::new();
    for launch in launches {
        if let Some(running) = services.find(&launch.name) {
            let step = progress.begin(&launch.name);
            let health = health::ask(running.port).await;
            if health != Health::Ready {
                step.failed(&format!("runs as process {}, {health}", running.pid));
                bail!("{} was started earlier and is not ready: `cargo xtask down`, then `up`", launch.name);
            }
            let age = if running.outdated() { ", an older build: `down`, then `up`" } else { "" };
            step.done(&format!("http://127.0.0.1:{} (running already{age})", running.port));
            continue;
        }
        if let Err(error) = services.start(launch) {
            progress.begin(&launch.name).failed("");
            return Err(error.into());
        }
        fresh.push(launch);
    }
    let began = Instant::now();
    for launch in fresh {
        let step = progress.begin(&launch.name);
        match services.ready(&launch.name, launch.port, READY.saturating_sub(began.elapsed())).await {
            Ok(()) => step.done(&format!("http://127.0.0.1:{}", launch.port)),
            Err(error) => {
                step.failed("");
                return Err(error.into());
            }
        }
    }
    Ok(())
}

/// Waits for an interrupt, and reports each service that ends meanwhile; returns also when none is left.
async fn watch(services: &mut Supervisor, interrupts: &mut Interrupts) {
    loop {
        tokio::select! {
            () = interrupts.next() => return,
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
        for (name, status) in services.ended() {
            let log = services.log(&name);
            say!(
                "\n✗ {name} ended with {status}. Its last lines ({}):\n{}",
                log.display(),
                steps::tail(&log, 20)
            );
        }
        if services.started().is_empty() {
            say!("No service is left.");
            return;
        }
    }
}

/// Ctrl-C, or SIGTERM.
struct Interrupts {
    signals: [Signal; 3],
}

impl Interrupts {
    fn new() -> anyhow::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [first, second, third] = kinds.map(signal);
        Ok(Self { signals: [first?, second?, third?] })
    }

    async fn next(&mut self) {
        let [first, second, third] = &mut self.signals;
        tokio::select! {
            _ = first.recv() => {}
            _ = second.recv() => {}
            _ = third.recv() => {}
        }
    }
}

/// An account of the demo, as the seed writes it.
#[derive(Debug, Deserialize)]
struct Account {
    email: String,
    password: String,
    role: String,
    #[serde(default)]
    note: String,
}

fn welcome(workspace: &Workspace, cluster: &Cluster) -> anyhow::Result<()> {
    say!("");
    for service in SERVICES {
        say!("  {:<16} http://127.0.0.1:{:<6} {}", service.name, service.port, service.purpose);
    }
    say!("  {:<16} {} (database {})", "postgres", cluster.address(), cluster.database());
    let Ok(text) = std::fs::read(workspace.demo()) else { return Ok(()) };
    let accounts: Vec<Account> = serde_json::from_slice(&text)
        .with_context(|| format!("{} is damaged", workspace.demo().display()))?;
    say!("\nDemo logins:");
    for account in &accounts {
        say!("  {:<28} {:<20} {:<16} {}", account.email, account.password, account.role, account.note);
    }
    let Some(first) = accounts.first() else { return Ok(()) };
    say!("\nTry:");
    say!("  curl http://127.0.0.1:8080/health/ready");
    say!("  curl http://127.0.0.1:8080/api/v1/auth/login -H 'content-type: application/json' \\");
    say!("    -d '{{\"email\":\"{}\",\"password\":\"{}\"}}'", first.email, first.password);
    say!("  open http://127.0.0.1:8081/docs/    (in a browser: the API, to try out)");
    Ok(())
}
