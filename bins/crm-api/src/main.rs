//! `tryzore-crm-api`: runs until it is told to stop. `tryzore-crm-api --openapi` prints the contract.

use tryzore_crm_api::{DESCRIPTION, TITLE, routes::routes};
use tryzore_web::Program;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Ok(Program { name: "crm-api", title: TITLE, description: DESCRIPTION, routes }.run().await?)
}
