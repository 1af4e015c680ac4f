//! `cargo xtask test`: everything that CI runs, in order, each step timed; it stops at the first that fails.
//!
//! [`STEPS`] is the table: a new step is an entry there and an arm in [`perform`]. The output of each step is in
//! `target/xtask/test-<step>.log`. The last line is `<n> passed, <m> failed`, counting steps.

use super::{AlreadyReported, fuzz, sdk, test_env, tidy};
use crate::denials;
use crate::operations;
use crate::plug_and_play;
use crate::program;
use crate::progress::{Progress, Step};
use crate::say;
use crate::stage::Stage;
use crate::steps::{self, cargo, run as run_logged};
use crate::workspace::Workspace;
use anyhow::{Context, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

// Cases of each property; `.cargo/config.toml` has the smaller number for local runs.
const PROPTEST_CASES: &str = "400";

/// The options of `test`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// Only these steps, in the order of the table
    #[arg(value_parser = STEPS.map(|(name, _)| name))]
    pub steps: Vec<String>,
}

/// The kind of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// A cargo command.
    Cargo(&'static [&'static str]),
    /// The checks of `cargo xtask tidy`.
    Tidy,
    /// Prepares the cluster of the tests and the migrated template.
    Database,
    /// All tests, by nextest where it is installed.
    Tests,
    /// The tests in documentation comments.
    Doctests,
    /// Another company's workspace on our crates.
    PlugAndPlay,
    /// The committed contracts are those of the code, their operation ids are listed, their denials are those of the
    /// catalogue, and they are valid OpenAPI.
    Contracts,
    /// The product's story against services that are started for it; then the TypeScript client against the same.
    Journey,
    /// Random calls to both APIs.
    Fuzz,
    /// Licences, banned crates, sources.
    Deny,
}

/// Everything that CI runs.
const STEPS: [(&str, Action); 11] = [
    ("fmt", Action::Cargo(&["fmt", "--all", "--check"])),
    ("tidy", Action::Tidy),
    ("clippy", Action::Cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])),
    ("database", Action::Database),
    ("tests", Action::Tests),
    ("doctests", Action::Doctests),
    ("plug-and-play", Action::PlugAndPlay),
    ("contracts", Action::Contracts),
    ("journey", Action::Journey),
    ("fuzz", Action::Fuzz),
    ("deny", Action::Deny),
];

/// The version of cargo-deny that CI runs.
const DENY: &str = "0.20.2";

/// Runs the command.
pub async fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let progress = Progress::default();
    let (mut passed, mut has_tested) = (0, false);
    for (name, action) in STEPS {
        if !options.steps.is_empty() && !options.steps.iter().any(|wanted| wanted == name) {
            continue;
        }
        let step = progress.begin(name);
        let log = workspace.step_logs().join(format!("test-{name}.log"));
        match perform(workspace, action, has_tested, &log, &step).await {
            Ok(detail) => step.done(&detail),
            Err(error) => {
                step.failed("");
                let all = std::fs::read_to_string(&log).unwrap_or_default();
                // The whole output of a command is in its log; the error of another step is complete by itself.
                let text = if all.is_empty() { format!("{error:#}") } else { all };
                say!("{}\n{passed} passed, 1 failed", text.trim_end());
                return Err(AlreadyReported.into());
            }
        }
        passed += 1;
        has_tested |= action == Action::Tests;
    }
    say!("{passed} passed, 0 failed");
    Ok(())
}

/// Performs a step; returns a short summary.
async fn perform(
    workspace: &Workspace,
    action: Action,
    has_tested: bool,
    log: &Path,
    step: &Step,
) -> anyhow::Result<String> {
    let _ = std::fs::remove_file(log);
    match action {
        Action::Cargo(arguments) => {
            let mut command = cargo(workspace);
            command.args(arguments);
            run_logged(command, log, step).await?;
            Ok(String::new())
        }
        Action::Tidy => {
            say!("");
            tidy::run(workspace, &tidy::Options::default()).await.map(|()| String::new())
        }
        Action::Database => {
            let cluster = test_env::prepare(workspace, step).await?;
            Ok(cluster.address())
        }
        Action::Tests => {
            let mut command = cargo(workspace);
            command.env("PROPTEST_CASES", PROPTEST_CASES);
            if nextest(workspace) {
                command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
            } else {
                command.args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]);
            }
            with_database(workspace, command, log, step).await?;
            Ok(summary(&std::fs::read_to_string(log)?))
        }
        Action::Doctests => {
            let mut command = cargo(workspace);
            command.args(["test", "--doc", "--workspace"]);
            with_database(workspace, command, log, step).await?;
            Ok(summary(&std::fs::read_to_string(log)?))
        }
        Action::PlugAndPlay => {
            plug_and_play::check_lock(workspace)?;
            // Without `--all`, which would include our crates.
            let lint = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
            for arguments in [&["fmt", "--check"][..], &lint] {
                let mut command = plug_and_play::cargo_there(workspace);
                command.args(arguments);
                run_logged(command, log, step).await?;
            }
            let mut command = plug_and_play::cargo_there(workspace);
            command.args(["test", "--workspace", "--locked"]);
            with_database(workspace, command, log, step).await?;
            let built = std::fs::read_to_string(log)?;
            std::fs::remove_file(log)?;
            not_compiled_again(&built, has_tested, "examples/plug-and-play")?;
            plug_and_play::check_tree(workspace)?;
            Ok(summary(&built))
        }
        Action::Contracts => {
            run_logged(steps::build(workspace, &steps::PROGRAMS, false), log, step).await?;
            let built = std::fs::read_to_string(log)?;
            // The comparison names the differences; the log of the build does not.
            std::fs::remove_file(log)?;
            not_compiled_again(&built, has_tested, "the programs")?;
            contracts(workspace)?;
            let ids = operations::check(workspace.root())?;
            let codes = denials::check(workspace.root())?;
            sdk::validate(workspace, step).await?;
            Ok(format!("{ids} operations, {codes} denials, valid"))
        }
        Action::Journey => {
            say!("");
            let progress = Progress::default();
            let services = progress.begin("services");
            let mut stage = Stage::set(workspace, "journey", |_| true, &services).await?;
            services.done("on ports of their own");
            let told = told_and_called(workspace, &stage, progress).await;
            stage.leave().await;
            told.map(|()| String::new())
        }
        Action::Fuzz => {
            say!("");
            fuzz::run(workspace, fuzz::Options::default()).await.map(|()| String::new())
        }
        Action::Deny => {
            let program = deny(workspace, log, step).await?;
            let mut command = Command::new(program);
            command.current_dir(workspace.root()).args(["check", "bans", "licenses", "sources"]);
            run_logged(command, log, step).await?;
            Ok(std::fs::read_to_string(log)?.lines().last().unwrap_or_default().to_owned())
        }
    }
}

/// Runs a command of the tests with the variables of [`test_env`].
async fn with_database(
    workspace: &Workspace,
    mut command: Command,
    log: &Path,
    step: &Step,
) -> anyhow::Result<()> {
    let cluster = test_env::prepare(workspace, step).await?;
    command.envs(test_env::variables(&cluster).await?);
    // The tests must not use a developer's own database.
    command.env_remove("DATABASE_URL");
    run_logged(command, log, step).await
}

/// The story, then the TypeScript client, both against the services of `stage`.
async fn told_and_called(workspace: &Workspace, stage: &Stage, progress: Progress) -> anyhow::Result<()> {
    let [crm, app, sandbox] = ["crm-api", "app-api", "sandbox"].map(|name| stage.origin(name));
    let (crm, app) = (crm?, app?);
    let sandbox = sandbox?;
    let addresses = ["--crm", &crm, "--app", &app, "--sandbox", &sandbox];
    program::run(workspace, program::JOURNEY, addresses).await?;
    let step = progress.begin("sdk");
    match sdk::check(workspace, &crm, &app, &step).await {
        Ok(detail) => {
            step.done(&detail);
            Ok(())
        }
        Err(error) => {
            step.failed("");
            Err(error)
        }
    }
}

/// Compares what the services print with what is committed, as JSON: some of its keys have no order.
fn contracts(workspace: &Workspace) -> anyhow::Result<()> {
    for service in operations::SERVICES {
        let mut command = steps::built(workspace, &format!("tryzore-{service}"), false);
        let printed = command.arg("--openapi").output()?;
        ensure!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
        let path = format!("docs/openapi/{service}.json");
        let committed = std::fs::read(workspace.root().join(&path)).unwrap_or_default();
        let [ours, theirs] =
            [&printed.stdout, &committed].map(|text| serde_json::from_slice::<Value>(text).ok());
        ensure!(
            ours.is_some() && ours == theirs,
            "{path} is not the contract of the code: `cargo run --bin tryzore-{service} -- --openapi > \
             {path}`, then `cargo xtask sdk`"
        );
    }
    Ok(())
}

/// Fails if a dependency was compiled in the build `log` of `what`, although the tests needed it before.
fn not_compiled_again(log: &str, has_tested: bool, what: &str) -> anyhow::Result<()> {
    let twice = dependencies_compiled(log);
    ensure!(
        !has_tested || twice.is_empty(),
        "compiled for the tests and then again for {what}, with other features: {}. See docs/development.md, what is \
         compiled",
        twice.join(", ")
    );
    Ok(())
}

/// The crates from outside the workspace that a build has compiled.
fn dependencies_compiled(log: &str) -> Vec<&str> {
    let compiled = log.lines().filter_map(|line| line.trim_start().strip_prefix("Compiling "));
    // A crate of the workspace is followed by its folder; one of its programs may be new.
    compiled.filter(|name| !name.contains(" (/")).collect()
}

fn nextest(workspace: &Workspace) -> bool {
    cargo(workspace).args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}

/// The summary line of nextest about all tests, or the sum of cargo test's lines about each program.
fn summary(output: &str) -> String {
    if let Some((_, line)) = output.lines().filter_map(|line| line.split_once(" tests run: ")).next_back() {
        return line.trim().to_owned();
    }
    let passed =
        output.lines().filter_map(|line| line.strip_prefix("test result: ok. ")?.split_once(" passed"));
    let count: usize = passed.filter_map(|(count, _)| count.parse::<usize>().ok()).sum();
    format!("{count} passed")
}

/// The path of cargo-deny, installed into the target folder if the machine has none.
async fn deny(workspace: &Workspace, log: &Path, step: &Step) -> anyhow::Result<PathBuf> {
    let tools = workspace.target().join("tools");
    let right = |program: &Path| {
        let output = Command::new(program).arg("--version").output();
        output.is_ok_and(|output| {
            String::from_utf8_lossy(&output.stdout).trim() == format!("cargo-deny {DENY}")
        })
    };
    for program in [tools.join("bin/cargo-deny"), PathBuf::from("cargo-deny")] {
        if right(&program) {
            return Ok(program);
        }
    }
    let mut command = cargo(workspace);
    command.args(["install", "cargo-deny", "--locked", "--version", DENY, "--force", "--root"]).arg(&tools);
    run_logged(command, log, step).await.context("cargo-deny can't be installed")?;
    Ok(tools.join("bin/cargo-deny"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_that_is_compiled_is_noticed_and_a_program_is_not() {
        let log = "   Compiling tryzore-testkit v0.1.0 (/src/crates/testkit)\n    Finished `dev` profile\n";
        assert_eq!(dependencies_compiled(log), [""; 0]);
        assert_eq!(dependencies_compiled(&format!("   Compiling chrono v0.4.45\n{log}")), ["chrono v0.4.45"]);
    }

    #[test]
    fn the_summary_is_that_of_either_runner() {
        let nextest = "    PASS [0.1s] a\n     Summary [   0.123s] 42 tests run: 42 passed, 1 skipped\n";
        assert_eq!(summary(nextest), "42 passed, 1 skipped");
        let cargo =
            "test result: ok. 3 passed; 0 failed\nrunning\ntest result: ok. 4 passed; 0 failed; 1 ignored\n";
        assert_eq!(summary(cargo), "7 passed");
    }
}
