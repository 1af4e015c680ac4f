//! The programs of the tool: commands that are crates of their own in `xtask/`, built when they are called. They use
//! this crate and not the other way round, so a change of one compiles that one alone, and the tool is built without
//! them.

use crate::command::AlreadyReported;
use crate::progress::Step;
use crate::steps;
use crate::workspace::Workspace;
use anyhow::Context;
use std::ffi::OsString;

/// The program of `cargo xtask journey`.
pub const JOURNEY: &str = "xtask-journey";
/// The program of `cargo xtask bench`.
pub const BENCH: &str = "xtask-bench";

/// Builds `program` and runs it to its end. It prints its own errors.
pub async fn run<A: Into<OsString>>(
    workspace: &Workspace,
    program: &str,
    arguments: impl IntoIterator<Item = A>,
) -> anyhow::Result<()> {
    let log = workspace.step_logs().join(format!("{program}-build.log"));
    steps::run(steps::build(workspace, &[program], false), &log, &Step::silent()).await?;
    let mut command = steps::built(workspace, program, false);
    let status = command.args(arguments.into_iter().map(Into::into)).status();
    match status.with_context(|| format!("{program} can't be started"))?.success() {
        true => Ok(()),
        false => Err(AlreadyReported.into()),
    }
}
