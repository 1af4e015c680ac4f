//! `cargo xtask audit`: recomputes the seals of the audit trail in the development database, or in the
//! one at `DATABASE_URL` (CMP-03). A line a tenant; fails when a chain does not hold.

use super::AlreadyReported;
use crate::cluster::{Cluster, Flavour};
use crate::steps::cargo;
use crate::workspace::Workspace;
use anyhow::ensure;

/// What `audit` can be told.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// Only this tenant: `ten_…`
    #[arg(long)]
    pub tenant: Option<String>,
    /// The seal that was noted of it, as a run before printed it: its chain must still hold it
    #[arg(long, requires = "tenant", value_name = "NUMBER:HASH")]
    pub expect: Option<String>,
}

/// Runs the command.
pub async fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let cluster = Cluster::start(workspace, Flavour::Dev).await?;
    let mut command = cargo(workspace);
    command.args(["run", "--quiet", "--bin", "audit", "--", "verify"]);
    for (name, value) in [("--tenant", &options.tenant), ("--expect", &options.expect)] {
        command.args(value.iter().flat_map(|value| [name, value.as_str()]));
    }
    command.env("DATABASE_URL", cluster.owner_url(cluster.database()));
    let status = command.status();
    if !cluster.reused() {
        cluster.stop().await?;
    }
    ensure!(status?.success(), AlreadyReported);
    Ok(())
}
