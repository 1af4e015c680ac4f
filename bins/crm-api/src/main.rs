//! `tryzore-crm-api`: runs until it is told to stop. `tryzore-crm-api --openapi` prints the contract.

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Ok(tryzore_crm_api::PROGRAM.run().await?)
}
