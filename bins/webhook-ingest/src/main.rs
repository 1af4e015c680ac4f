//! `tryzore-webhook-ingest`: runs until the stop signal. `--openapi` prints the contract.

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tryzore_webhook_ingest::program::run().await
}
