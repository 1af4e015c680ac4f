//! `cargo xtask logs`: prints the logs of the services; with `-f`, follows them.

use super::home;
use crate::cluster::Flavour;
use crate::supervise::logged;
use crate::workspace::Workspace;
use anyhow::{Context, bail};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The options of `logs`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// A service, or `postgres`; without it, all services
    pub service: Option<String>,
    /// Follow the logs as they grow
    #[arg(short, long)]
    pub follow: bool,
    /// The number of past lines
    #[arg(short = 'n', long, default_value_t = 50)]
    pub lines: u32,
}

/// Runs the command: replaces this process by `tail`.
pub fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let names = logged(&workspace.logs());
    let files = match options.service.as_deref() {
        Some("postgres") => vec![home(workspace, Flavour::Dev)?.log()],
        Some(name) if names.iter().any(|known| known == name) => {
            vec![workspace.logs().join(format!("{name}.log"))]
        }
        Some(name) => bail!("{name} has no log; there are: postgres {}", names.join(" ")),
        None if names.is_empty() => bail!("no service has run yet: `cargo xtask up`"),
        None => names.iter().map(|name| workspace.logs().join(format!("{name}.log"))).collect(),
    };
    let mut tail = Command::new("tail");
    tail.args(["-n", &options.lines.to_string()]);
    if options.follow {
        // By name: a restarted service begins a new file.
        tail.arg("-F");
    }
    Err(tail.args(files).exec()).context("`tail` can't be started")
}
