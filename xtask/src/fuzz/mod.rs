//! Random calls to the APIs: [Schemathesis](https://schemathesis.readthedocs.io) makes them from the committed
//! contracts, as users of the demo.
//!
//! The run has services and a database of its own, so that it damages nothing else. `xtask/schemathesis.toml` says
//! which answers are allowed.

mod ids;
mod tool;

use crate::caller::Caller;
use crate::progress::Step;
use crate::stage::Stage;
use crate::steps;
use crate::workspace::Workspace;
use anyhow::ensure;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

/// A run: the caller, and the operations of a service.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The name of the run.
    pub name: &'static str,
    service: &'static str,
    email: &'static str,
    operations: &'static str,
}

/// All runs; the owner's is the last, because the owner dismisses the others.
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

const CONFIG: &str = include_str!("../../schemathesis.toml");

/// The services of the runs, and the tool that calls them.
#[derive(Debug)]
pub struct Trial {
    stage: Stage,
    contracts: PathBuf,
    program: PathBuf,
}

impl Trial {
    /// Starts the APIs on a database of their own with the demo in it.
    pub async fn set(workspace: &Workspace, step: &Step) -> anyhow::Result<Self> {
        let program = tool::installed(workspace, step).await?;
        let stage = Stage::set(workspace, "fuzz", |service| service.name.ends_with("-api"), step).await?;
        Ok(Self { stage, contracts: workspace.root().join("docs/openapi"), program })
    }

    /// Does a run; returns a short summary.
    pub async fn play(&self, run: &Run, examples: u32, step: &Step) -> anyhow::Result<String> {
        let origin = self.stage.origin(run.service)?;
        let folder = self.stage.folder();
        let base = format!("{origin}/api/v1");
        let caller = Caller::sign_in(&base, run.email).await?;
        let expendable = Caller::sign_in(&base, run.email).await?;
        let config = folder.join(format!("{}.toml", run.name));
        let known = ids::known(&caller).await?;
        std::fs::write(&config, format!("{CONFIG}{}", dictionaries(&known)))?;

        let mut command = Command::new(&self.program);
        command.arg("--config-file").arg(&config).arg("run");
        command.arg(self.contracts.join(format!("{}.json", run.service)));
        command.args(["--url", &origin, "--include-path-regex", run.operations, "--continue-on-failure"]);
        command.args(["--no-color", "--max-examples", &examples.to_string()]);
        // The tool leaves a folder where it runs.
        command.current_dir(folder);
        command.env("TOKEN", caller.token()).env("EXPENDABLE_TOKEN", expendable.token());
        let log = folder.join(format!("{}.log", run.name));
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
        self.stage.leave().await;
    }
}

/// Half of all ids are ids of existing objects.
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
