//! `migrate up | down | redo`: the schema of the database at `DATABASE_URL`.

use tryzore_postgres::migrations::{self, MigrationError};

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a command speaks to whoever called it")]
async fn main() -> Result<(), MigrationError> {
    let url = std::env::var("DATABASE_URL").map_err(|_| "DATABASE_URL is not set: the owner's URL")?;
    let (undone, applied) = match std::env::args().nth(1).as_deref() {
        Some("up") => (Vec::new(), migrations::up(&url).await?),
        Some("down") => (migrations::down(&url).await?, Vec::new()),
        Some("redo") => (migrations::down(&url).await?, migrations::up(&url).await?),
        _ => return Err("usage: migrate up | down | redo".into()),
    };
    undone.iter().for_each(|name| println!("undone  {name}"));
    applied.iter().for_each(|name| println!("applied {name}"));
    Ok(())
}
