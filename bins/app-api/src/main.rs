//! `tryzore-app-api`: runs until it is told to stop. `tryzore-app-api --openapi` prints the contract.

use tryzore_app_api::{DESCRIPTION, TITLE, routes::routes};
use tryzore_web::Program;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Ok(Program { name: "app-api", title: TITLE, description: DESCRIPTION, routes }.run().await?)
}
