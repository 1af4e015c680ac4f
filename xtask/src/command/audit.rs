//! `cargo xtask audit`: recomputes the seals of the audit trail in the development database, or in the
//! one at `DATABASE_URL` (CMP-03). One line per tenant; fails when a chain is not valid.

use super::AlreadyReported;
use crate::cluster::{Cluster, Flavour};
use crate::steps::cargo;
use crate::workspace::Workspace;
use anyhow::ensure;

/// The options of `audit`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// Only this tenant: `ten_…`
    #[arg(long)]
    pub tenant: Option<String>,
    /// The seal that an earlier run printed: the tenant's chain must still contain it
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
