//! The programs of the workspace that the tool builds and calls. Only this module knows their names.
//!
//! **Invariant:** every build of the tool names programs (`--bin`) and no package. From the root cargo then switches
//! on what the whole workspace needs of a dependency, whichever programs are asked for; with `--package` it would
//! switch on what this package needs and compile the dependency, and all above it, once more.
//!
//! Cargo sets variables for the program that it runs (`CARGO_MANIFEST_DIR`, `CARGO_PKG_NAME` ...); passed on to an
//! inner cargo, they make it rebuild crates with build scripts each time, so they are removed.

use crate::progress::Step;
use crate::workspace::Workspace;
use anyhow::{Context, bail};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// `cargo` in the root of the workspace, with a clean environment.
#[must_use]
pub fn cargo(workspace: &Workspace) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_BIN_NAME" {
            command.env_remove(&name);
        }
    }
    command.current_dir(workspace.root());
    command
}

/// The programs for `up` and the tests: the services, and those that prepare and check their database.
pub const PROGRAMS: [&str; 8] = [
    "tryzore-sandbox",
    "tryzore-crm-api",
    "tryzore-app-api",
    "tryzore-webhook-ingest",
    "tryzore-worker",
    "migrate",
    "seed",
    "audit",
];

/// Builds programs of the workspace.
#[must_use]
pub fn build(workspace: &Workspace, programs: &[&str], release: bool) -> Command {
    let mut command = cargo(workspace);
    command.arg("build").args(programs.iter().flat_map(|program| ["--bin", *program]));
    if release {
        command.arg("--release");
    }
    command
}

/// A command for a program that [`build`] has made, run in the root of the workspace.
#[must_use]
pub fn built(workspace: &Workspace, program: &str, release: bool) -> Command {
    let mut command = Command::new(workspace.programs(release).join(program));
    command.current_dir(workspace.root());
    command
}

/// Migrates a database; `url` is the owner's.
#[must_use]
pub fn migrate(workspace: &Workspace, url: &str, release: bool) -> Command {
    let mut command = built(workspace, "migrate", release);
    command.arg("up").env("DATABASE_URL", url);
    command
}

/// Fills an empty, migrated database with the demo and writes its accounts to `accounts`.
#[must_use]
pub fn seed(workspace: &Workspace, url: &str, accounts: &Path, release: bool) -> Command {
    let mut command = built(workspace, "seed", release);
    command.env("DATABASE_URL", url).env("TRYZORE_DEMO_FILE", accounts);
    command
}

/// Runs a command to its end with its output in `log`; an error includes the end of the output.
pub async fn run(mut command: Command, log: &Path, step: &Step) -> anyhow::Result<()> {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let words = words.join(" ");
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = File::create(log).with_context(|| format!("{} can't be written", log.display()))?;
    // Output in a file has no colours.
    command.env("TERM", "dumb").env("CARGO_TERM_COLOR", "never");
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let mut child = command.spawn().with_context(|| format!("`{words}` can't be started"))?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        step.note(&tail(log, 1));
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    if !status.success() {
        bail!("`{words}` ended with {status}:\n{}", tail(log, 60));
    }
    Ok(())
}

/// The last `count` lines of a file, without the ends of lines that a terminal would redraw.
#[must_use]
pub fn tail(path: &Path, count: usize) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;

    #[test]
    fn the_tail_is_the_last_lines_and_a_missing_file_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "one\ntwo\nthree\n").unwrap();
        assert_eq!(tail(&path, 2), "two\nthree");
        assert_eq!(tail(&path, 9), "one\ntwo\nthree");
        assert_eq!(tail(&folder.path().join("none"), 2), "");
    }

    #[test]
    fn every_service_is_built_and_no_build_names_a_package() {
        for service in crate::supervise::services::SERVICES {
            assert!(PROGRAMS.contains(&&*format!("tryzore-{}", service.name)), "{}", service.name);
        }
        let command = build(&Workspace::at("/nowhere"), &PROGRAMS, true);
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        assert_eq!(words.iter().filter(|word| *word == "--bin").count(), PROGRAMS.len());
        assert!(!words.iter().any(|word| word == "--package" || word == "-p"), "{words:?}");
    }

    #[tokio::test]
    async fn a_failed_command_reports_its_status_and_its_words() {
        let folder = tempfile::tempdir().unwrap();
        let step = Progress::default().begin("stand-in");
        let mut command = Command::new("sh");
        command.args(["-c", "echo to stdout; echo to stderr >&2; exit 3"]);
        let error = run(command, &folder.path().join("log"), &step).await.unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.contains("to stdout\nto stderr"), "{error}");
    }
}
