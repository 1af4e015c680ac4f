//! `cargo xtask journey`: drives the running services through the product's story, and fails when it goes wrong.

use crate::journey::{Teller, story};

/// Runs the command.
pub async fn run() -> anyhow::Result<()> {
    let mut teller = Teller::default();
    story::tell(&mut teller).await?;
    teller.ends();
    Ok(())
}
