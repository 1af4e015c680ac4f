//! `cargo xtask journey`: drives the running services through the product's story, and fails when it goes wrong.

use crate::journey::caller::Addresses;
use crate::journey::{Teller, story};

/// Runs the command against the services of `up`.
pub async fn run() -> anyhow::Result<()> {
    run_at(Addresses::default()).await
}

/// Runs the command against services at other addresses.
pub async fn run_at(addresses: Addresses) -> anyhow::Result<()> {
    let mut teller = Teller::of(addresses);
    story::tell(&mut teller).await?;
    teller.ends();
    Ok(())
}
