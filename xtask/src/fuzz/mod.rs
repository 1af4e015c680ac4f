//! The APIs under calls that no person would make: [Schemathesis](https://schemathesis.readthedocs.io) makes
//! them from the committed contracts, as people of the demo.
//!
//! The services and their database are the run's own, so that what is broken here is nobody's. What an answer
//! may be is in `xtask/schemathesis.toml`.

mod ids;
mod tool;

use crate::cluster::Cluster;
use crate::command::test_env;
use crate::journey::caller::Caller;
use crate::progress::Step;
use crate::steps;
use crate::supervise::services::{SERVICES, Service};
use crate::supervise::{GRACE, Launch, READY, Supervisor};
use crate::workspace::Workspace;
use anyhow::{Context, ensure};
use std::fmt::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who tries which operations of which service.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// What it is called.
    pub name: &'static str,
    service: &'static str,
    email: &'static str,
    operations: &'static str,
}

/// All of them; the owner last, who dismisses the others.
pub const RUNS: [Run; 3] = [
    Run {
        name: "operator",
        service: "crm-api",
        email: "operator@demo.com",
        operations: "^/api/v1/platform/",
    },
    Run { name: "client", service: "app-api", email: "client@demo.com", operations: "^/api/v1/" },
    Run { name: "owner", service: "crm-api", email: "owner@demo.com", operations: "^/api/v1/(?!platform/)" },
];

const DATABASE: &str = "tryzore_fuzz";
const CONFIG: &str = include_str!("../../schemathesis.toml");

/// Services that may be broken.
#[derive(Debug)]
pub struct Stage {
    folder: PathBuf,
    contracts: PathBuf,
    program: PathBuf,
    services: Supervisor,
    ports: Vec<(&'static str, u16)>,
}

impl Stage {
    /// Starts the services on a database of their own with the demo in it.
    pub async fn set(workspace: &Workspace, step: &Step) -> anyhow::Result<Self> {
        let folder = workspace.target().join("xtask/fuzz");
        std::fs::create_dir_all(&folder)?;
        let program = tool::installed(workspace, step).await?;
        steps::run(steps::build(workspace, false), &folder.join("build.log"), step).await?;
        let cluster = database(workspace, &folder, step).await?;
        let services = Supervisor::new(folder.join("run"), folder.join("logs"));
        let contracts = workspace.root().join("docs/openapi");
        let mut stage = Self { folder, contracts, program, services, ports: Vec::new() };
        for service in SERVICES.iter().filter(|service| service.name.ends_with("-api")) {
            if let Err(error) = stage.start(service, workspace, &cluster).await {
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
    ) -> anyhow::Result<()> {
        // One that a killed run has left.
        self.services.stop(service.name, GRACE).await;
        let mut launch = service.launch(workspace, cluster, false)?;
        launch.port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        own(&mut launch, cluster, service.role.context("an API has a login")?)?;
        self.services.start(&launch)?;
        self.ports.push((service.name, launch.port));
        Ok(self.services.ready(service.name, launch.port, READY).await?)
    }

    /// Does a run; says in a few words what came of it.
    pub async fn play(&self, run: &Run, examples: u32, step: &Step) -> anyhow::Result<String> {
        let port = self.ports.iter().find(|(name, _)| *name == run.service).context("no such service")?.1;
        let origin = format!("http://127.0.0.1:{port}");
        let base = format!("{origin}/api/v1");
        let caller = Caller::sign_in(&base, run.email).await?;
        let expendable = Caller::sign_in(&base, run.email).await?;
        let config = self.folder.join(format!("{}.toml", run.name));
        let known = ids::known(&caller).await?;
        std::fs::write(&config, format!("{CONFIG}{}", dictionaries(&known)))?;

        let mut command = Command::new(&self.program);
        command.arg("--config-file").arg(&config).arg("run");
        command.arg(self.contracts.join(format!("{}.json", run.service)));
        command.args(["--url", &origin, "--include-path-regex", run.operations, "--continue-on-failure"]);
        command.args(["--no-color", "--max-examples", &examples.to_string()]);
        // It leaves a folder where it runs.
        command.current_dir(&self.folder);
        command.env("TOKEN", caller.token()).env("EXPENDABLE_TOKEN", expendable.token());
        let log = self.folder.join(format!("{}.log", run.name));
        steps::run(command, &log, step).await?;

        let me = caller.get("/auth/me").await?;
        ensure!(
            me.status == 200,
            "the session of {} ended on the way: what came after was not tried",
            run.email
        );
        let said = std::fs::read_to_string(&log)?;
        let calls = said.lines().find_map(|line| line.trim().split_once(" generated, "));
        Ok(calls.map_or_else(String::new, |(count, passed)| format!("{count} calls, {passed}")))
    }

    /// Stops the services.
    pub async fn leave(&mut self) {
        for (name, _) in std::mem::take(&mut self.ports) {
            self.services.stop(name, GRACE).await;
        }
    }
}

/// A migrated database with the demo, which no earlier run has touched.
async fn database(workspace: &Workspace, folder: &Path, step: &Step) -> anyhow::Result<Cluster> {
    let mut cluster = test_env::prepare(workspace, step).await?;
    cluster.database_drop(DATABASE).await?;
    cluster.database_clone(test_env::TEMPLATE, DATABASE).await?;
    cluster.logins_ensure().await?;
    cluster.groups_grant().await?;
    let mut seed = steps::seed(workspace, &cluster.owner_url(DATABASE));
    seed.env("TRYZORE_DEMO_FILE", folder.join("demo.json"));
    steps::run(seed, &folder.join("seed.log"), step).await?;
    Ok(cluster)
}

/// Tells a service of its database, its port, and that its callers call often.
fn own(launch: &mut Launch, cluster: &Cluster, role: &str) -> anyhow::Result<()> {
    let mut tell = |name: &str, value: String| launch.environment.push((format!("TRYZORE__{name}"), value));
    tell("DATABASE__URL", cluster.url(role, DATABASE)?);
    tell("HTTP__PORT", launch.port.to_string());
    for limit in ["ADDRESS", "USER", "ORGANIZATION"] {
        tell(&format!("HTTP__LIMITS__PER_{limit}"), "1000000".to_owned());
    }
    Ok(())
}

/// Half of all ids are ids of what there is.
fn dictionaries(known: &[(&str, Vec<String>)]) -> String {
    let mut text = String::new();
    for (name, ids) in known {
        let _ = writeln!(text, "\n[dictionaries.{name}]\nvalues = {ids:?}");
    }
    text.push_str("\n[parameters]\n");
    for (name, _) in known {
        let _ = writeln!(text, "{name} = {{ dictionary = \"{name}\", probability = 0.5 }}");
    }
    text
}
