//! `tryzore-webhook-ingest`: runs until it is told to stop. `--openapi` prints the contract.

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tryzore_webhook_ingest::program::run().await
}
