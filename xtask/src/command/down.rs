//! `cargo xtask down`: stops the services of this checkout and its private Postgres. Data are kept.

use super::{home, supervisor};
use crate::cluster::{self, Flavour};
use crate::process::Stopped;
use crate::progress::Progress;
use crate::supervise::services::SERVICES;
use crate::supervise::{GRACE, Supervisor};
use crate::workspace::Workspace;
use tokio::task::JoinSet;

/// Runs the command.
pub async fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let progress = Progress::default();
    let mut services = supervisor(workspace);
    stop(&mut services, SERVICES.map(|service| service.name.to_owned()).to_vec(), progress).await;
    let clusters = [
        (Flavour::Dev, "postgres"),
        (Flavour::Test, "postgres (tests)"),
        (Flavour::Bench, "postgres (bench)"),
    ];
    for (flavour, name) in clusters {
        let step = progress.begin(name);
        let stopped = cluster::stop(&home(workspace, flavour)?).await?;
        step.done(told(stopped));
    }
    Ok(())
}

/// Stops services, given in the order of their start: all at once, except the first, which is stopped last. That is
/// the sandbox, which the others may still use.
pub(super) async fn stop(services: &mut Supervisor, mut names: Vec<String>, progress: Progress) {
    let rest = names.split_off(names.len().min(1));
    for group in [rest, names] {
        let mut endings = JoinSet::new();
        for name in group {
            let step = progress.begin_undrawn(&name);
            let ending = services.release(&name);
            endings.spawn(async move {
                let stopped = match ending {
                    Some(ending) => ending.end(GRACE).await,
                    None => Stopped::Absent,
                };
                step.done(told(stopped));
            });
        }
        endings.join_all().await;
    }
}

/// How a process ended, for people.
fn told(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::StopRequested => "stopped",
        Stopped::Killed => "killed: it did not go when asked",
        Stopped::Absent => "was not running",
    }
}
