//! `tryzore-app-api`: runs until it is told to stop. `tryzore-app-api --openapi` prints the contract.

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Ok(tryzore_app_api::PROGRAM.run().await?)
}
