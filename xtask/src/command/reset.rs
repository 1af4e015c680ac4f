//! `cargo xtask reset`: deletes everything that local runs made. Asks first, unless run with `--yes`.

use super::{down, home};
use crate::cluster::{Flavour, external_url, postmaster};
use crate::say;
use crate::workspace::Workspace;
use anyhow::bail;
use std::io::{BufRead, IsTerminal, Write};

/// The options of `reset`.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
}

/// Runs the command.
pub async fn run(workspace: &Workspace, options: Options) -> anyhow::Result<()> {
    if external_url().is_some() {
        bail!("DATABASE_URL is set: reset drops the private Postgres only, never a server of yours");
    }
    let homes = [Flavour::Dev, Flavour::Test, Flavour::Bench].map(|flavour| home(workspace, flavour));
    let homes = homes.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    if !options.yes && !agreed(&format!("Drop the database in {} and all logs?", homes[0].base().display()))?
    {
        bail!("nothing was dropped");
    }
    down::run(workspace).await?;
    for home in &homes {
        postmaster::remove(home.base())?;
    }
    for folder in [workspace.logs(), workspace.run()] {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
    }
    if workspace.demo().exists() {
        std::fs::remove_file(workspace.demo())?;
    }
    say!("Dropped. `cargo xtask up` begins anew.");
    Ok(())
}

fn agreed(question: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody to ask here: say --yes");
    }
    let mut out = std::io::stdout().lock();
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
