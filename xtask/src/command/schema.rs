//! `cargo xtask schema`: generates Diesel's tables from the migrations.

use super::tidy;
use crate::progress::Progress;
use crate::schema;
use crate::workspace::Workspace;

/// Runs the command.
pub async fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let step = Progress::default().begin("schema");
    let files = tidy::with_migrated(workspace, async |client| schema::generate(client).await).await?;
    schema::write(workspace, &files)?;
    step.done("");
    Ok(())
}
