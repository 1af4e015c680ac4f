//! `cargo xtask sdk`: the TypeScript client in `sdk/typescript`, its types generated from the committed contracts.
//!
//! [`check`] is the step of CI: the committed types must be those that the contracts generate, the client must
//! type-check, and it must work against running services.

use crate::progress::{Progress, Step};
use crate::steps;
use crate::workspace::Workspace;
use anyhow::{Context, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest supported major version of Node.
const NODE: u32 = 20;
/// The files that are generated, below `src/generated`.
const GENERATED: [&str; 3] = ["app-api.ts", "crm-api.ts", "operations.ts"];

/// Runs the command: generates, then type-checks.
pub async fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let progress = Progress::default();
    let sdk = Sdk::of(workspace);
    let generated = sdk.home.join("src/generated");
    for (name, work) in
        [("install", Work::Install), ("generate", Work::Generate(&generated)), ("tsc", Work::Build)]
    {
        let step = progress.begin(name);
        match sdk.work(work, &step).await {
            Ok(()) => step.done(""),
            Err(error) => {
                step.failed("");
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Checks the client against services at these addresses; returns a short summary.
pub async fn check(workspace: &Workspace, crm: &str, app: &str, step: &Step) -> anyhow::Result<String> {
    let sdk = Sdk::of(workspace);
    sdk.work(Work::Install, step).await?;
    let fresh = workspace.target().join("xtask/sdk");
    sdk.work(Work::Generate(&fresh), step).await?;
    for file in GENERATED {
        let [fresh, committed] = [fresh.join(file), sdk.home.join("src/generated").join(file)]
            .map(|path| std::fs::read(path).ok());
        ensure!(
            fresh.is_some() && fresh == committed,
            "sdk/typescript/src/generated/{file} is not what the contracts generate: `cargo xtask sdk`"
        );
    }
    sdk.work(Work::Build, step).await?;
    sdk.work(Work::Test { crm, app }, step).await?;
    let said = std::fs::read_to_string(sdk.logs.join("sdk-test.log"))?;
    let count = said.lines().find_map(|line| line.trim_start_matches(['#', 'ℹ', ' ']).strip_prefix("pass "));
    Ok(format!("{} tests passed", count.unwrap_or("no").trim()))
}

/// Validates the committed contracts with a public validator, which the client's lock file pins.
pub async fn validate(workspace: &Workspace, step: &Step) -> anyhow::Result<()> {
    let sdk = Sdk::of(workspace);
    sdk.work(Work::Install, step).await?;
    sdk.work(Work::Validate, step).await
}

/// Something that is done to the client.
#[derive(Debug, Clone, Copy)]
enum Work<'a> {
    /// Installs the packages of the lock file, unless they are installed.
    Install,
    /// Validates the contracts.
    Validate,
    /// Writes the types into a folder.
    Generate(&'a Path),
    /// Type-checks and compiles.
    Build,
    /// Runs its tests against services.
    Test { crm: &'a str, app: &'a str },
}

struct Sdk {
    home: PathBuf,
    logs: PathBuf,
}

impl Sdk {
    fn of(workspace: &Workspace) -> Self {
        Self { home: workspace.root().join("sdk/typescript"), logs: workspace.step_logs() }
    }

    async fn work(&self, work: Work<'_>, step: &Step) -> anyhow::Result<()> {
        match work {
            Work::Install => self.install(step).await,
            Work::Validate => {
                steps::run(self.npm(&["run", "validate"]), &self.logs.join("sdk-validate.log"), step).await
            }
            Work::Generate(folder) => {
                let mut command = self.npm(&["run", "generate"]);
                command.env("GENERATED", folder);
                steps::run(command, &self.logs.join("sdk-generate.log"), step).await
            }
            Work::Build => {
                steps::run(self.npm(&["run", "build"]), &self.logs.join("sdk-build.log"), step).await
            }
            Work::Test { crm, app } => {
                let mut command = self.npm(&["test"]);
                command.env("TRYZORE_CRM_API", crm).env("TRYZORE_APP_API", app);
                steps::run(command, &self.logs.join("sdk-test.log"), step).await
            }
        }
    }

    async fn install(&self, step: &Step) -> anyhow::Result<()> {
        node_is_new_enough(Command::new("node"))?;
        let lock = std::fs::read(self.home.join("package-lock.json"))?;
        let note = self.home.join("node_modules/.installed-from");
        if std::fs::read(&note).is_ok_and(|installed| installed == lock) {
            return Ok(());
        }
        let command = self.npm(&["ci", "--no-audit", "--no-fund"]);
        steps::run(command, &self.logs.join("sdk-install.log"), step)
            .await
            .context("what the TypeScript client is built with can't be installed")?;
        Ok(std::fs::write(note, lock)?)
    }

    fn npm(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("npm");
        command.args(arguments).current_dir(&self.home);
        command
    }
}

/// Refuses a machine without Node, or with an old one.
fn node_is_new_enough(mut node: Command) -> anyhow::Result<()> {
    let needed =
        format!("Node {NODE} or newer with npm is needed for the TypeScript client (https://nodejs.org)");
    let Ok(output) = node.arg("--version").output() else { bail!("{needed}: there is no `node` here") };
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    ensure!(major.is_some_and(|major| major >= NODE), "{needed}: `node --version` says {version:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_old_node_is_said_plainly() {
        let told = |version: &str| {
            let mut node = Command::new("sh");
            node.args(["-c", &format!("echo {version}")]);
            node_is_new_enough(node)
        };
        assert!(told("v20.0.0").is_ok() && told("v24.1.2").is_ok());
        let old = told("v19.9.9").unwrap_err().to_string();
        assert!(old.contains("Node 20 or newer") && old.contains("v19.9.9"), "{old}");
        let none = node_is_new_enough(Command::new("/nowhere/node")).unwrap_err().to_string();
        assert!(none.contains("Node 20 or newer") && none.contains("no `node` here"), "{none}");
    }
}
