//! `seed`: writes the demo into the migrated and empty database at `DATABASE_URL` (the owner's). The accounts
//! are printed as JSON, and written to `TRYZORE_DEMO_FILE` if that names a file.

use tryzore_kernel::{Clock, SystemClock};
use tryzore_testkit::demo::{self, DemoError};

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a command speaks to whoever called it")]
async fn main() -> Result<(), DemoError> {
    let url = std::env::var("DATABASE_URL").map_err(|_| "DATABASE_URL is not set: the owner's URL")?;
    let accounts = demo::write(&url, SystemClock.now()).await?;
    let json = serde_json::to_string_pretty(&accounts)?;
    println!("{json}");
    if let Ok(file) = std::env::var("TRYZORE_DEMO_FILE") {
        std::fs::write(file, json)?;
    }
    Ok(())
}
