//! Schemathesis, in an environment of its own in the target folder.

use crate::progress::Step;
use crate::steps;
use crate::workspace::Workspace;
use anyhow::Context;
use std::path::PathBuf;
use std::process::Command;

/// The version that CI runs.
const VERSION: &str = "4.32.5";

/// The path of the program, installed if this checkout has none of that version.
pub(super) async fn installed(workspace: &Workspace, step: &Step) -> anyhow::Result<PathBuf> {
    let home = workspace.target().join("tools/schemathesis");
    let program = home.join("bin/schemathesis");
    let version = Command::new(&program).arg("--version").output();
    if version.is_ok_and(|told| String::from_utf8_lossy(&told.stdout).trim().ends_with(VERSION)) {
        return Ok(program);
    }
    let log = workspace.step_logs().join("schemathesis-install.log");
    let environment = || {
        let mut command = Command::new("python3");
        command.args(["-m", "venv", "--clear"]).arg(&home);
        command
    };
    if steps::run(environment(), &log, step).await.is_err() {
        // Debian's Python comes without the module.
        let mut package = Command::new("apt-get");
        package.args(["install", "-y", "-q", "--no-install-recommends", "python3-venv"]);
        steps::run(package, &log, step).await.context("Python 3 with its module venv is needed")?;
        steps::run(environment(), &log, step).await?;
    }
    let mut install = Command::new(home.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", &format!("schemathesis=={VERSION}")]);
    steps::run(install, &log, step).await.context("Schemathesis can't be installed")?;
    Ok(program)
}
