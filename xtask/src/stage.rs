//! Services for one test run: on a database of their own with the demo in it, on free ports, so that the run
//! neither disturbs other processes nor damages their data.

use crate::cluster::{Cluster, connect};
use crate::command::test_env;
use crate::progress::Step;
use crate::steps;
use crate::supervise::services::{Ports, SERVICES, Service};
use crate::supervise::{GRACE, Launch, READY, Supervisor};
use crate::workspace::Workspace;
use anyhow::Context;
use std::path::{Path, PathBuf};

/// The services of a test run.
#[derive(Debug)]
pub struct Stage {
    folder: PathBuf,
    services: Supervisor,
    ports: Ports,
    started: Vec<&'static str>,
}

impl Stage {
    /// Builds and starts those services that are `wanted`, for the test `name`.
    pub async fn set(
        workspace: &Workspace,
        name: &str,
        wanted: impl Fn(&Service) -> bool,
        step: &Step,
    ) -> anyhow::Result<Self> {
        let folder = workspace.target().join("xtask").join(name);
        std::fs::create_dir_all(&folder)?;
        let build = steps::build(workspace, &steps::PROGRAMS, false);
        steps::run(build, &folder.join("build.log"), step).await?;
        let database = format!("tryzore_{name}");
        let cluster = prepare(workspace, &database, &folder, step).await?;
        let services = Supervisor::new(folder.join("run"), folder.join("logs"));
        let mut stage = Self { folder, services, ports: Ports::free()?, started: Vec::new() };
        for service in SERVICES.iter().filter(|service| wanted(service)) {
            if let Err(error) = stage.start(service, workspace, &cluster, &database).await {
                stage.leave().await;
                return Err(error);
            }
        }
        Ok(stage)
    }

    async fn start(
        &mut self,
        service: &Service,
        workspace: &Workspace,
        cluster: &Cluster,
        database: &str,
    ) -> anyhow::Result<()> {
        // Left behind by a killed run.
        self.services.stop(service.name, GRACE).await;
        let mut launch = service.launch(workspace, cluster, &self.ports, false)?;
        own(&mut launch, service, cluster, database)?;
        self.services.start(&launch)?;
        self.started.push(service.name);
        Ok(self.services.ready(service.name, launch.port, READY).await?)
    }

    /// The folder of the run's logs and files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of a service, without a path.
    pub fn origin(&self, name: &str) -> anyhow::Result<String> {
        let service = SERVICES.iter().find(|service| service.name == name).context("no such service")?;
        Ok(format!("http://127.0.0.1:{}", self.ports.of(service)))
    }

    /// Stops the services.
    pub async fn leave(&mut self) {
        for name in std::mem::take(&mut self.started).into_iter().rev() {
            self.services.stop(name, GRACE).await;
        }
    }
}

/// Makes a migrated database with the demo that no earlier run has used.
async fn prepare(
    workspace: &Workspace,
    database: &str,
    folder: &Path,
    step: &Step,
) -> anyhow::Result<Cluster> {
    let mut cluster = test_env::prepare(workspace, step).await?;
    cluster.database_drop(database).await?;
    cluster.database_clone(test_env::TEMPLATE, database).await?;
    cluster.logins_ensure().await?;
    cluster.groups_grant().await?;
    let seed = steps::seed(workspace, &cluster.owner_url(database), &folder.join("demo.json"), false);
    steps::run(seed, &folder.join("seed.log"), step).await?;
    // The clusters of tests do not vacuum, so nobody would analyze the tables: plans for empty tables are a thousand
    // times slower, and cached.
    connect(&cluster.owner_url(database)).await?.batch_execute("ANALYZE").await?;
    Ok(cluster)
}

/// The variables that give a service its database, and higher limits for its callers.
fn own(launch: &mut Launch, service: &Service, cluster: &Cluster, database: &str) -> anyhow::Result<()> {
    let Some(role) = service.role else { return Ok(()) };
    let mut tell = |name: &str, value: String| launch.environment.push((format!("TRYZORE__{name}"), value));
    tell("DATABASE__URL", cluster.url(role, database)?);
    for limit in ["ADDRESS", "USER", "ORGANIZATION"] {
        tell(&format!("HTTP__LIMITS__PER_{limit}"), "1000000".to_owned());
    }
    Ok(())
}
