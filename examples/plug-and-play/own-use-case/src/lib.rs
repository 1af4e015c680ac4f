//! A use case of our own on the platform's permits and transactions: a client invites friends to a class.
//!
//! - [`invite_friend`]: the rule, the use case, and the port that it needs.
//! - [`store`]: the port on a transaction, as `tx.lagoon()`.
//! - [`migrate`]: our table, beside those of the platform.

pub mod invite_friend;
pub mod store;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tryzore_postgres::migrations::{self, MigrationError, Own};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Brings the database at `url`, its owner's, up to date: the platform's tables, then ours.
pub async fn migrate(url: &str) -> Result<Vec<String>, MigrationError> {
    let mut applied = migrations::up(url).await?;
    applied.extend(migrations::up_own(url, own()).await?);
    Ok(applied)
}

/// Our migrations, recorded as `lagoon/…`.
pub fn own() -> Own {
    Own { program: "lagoon", migrations: MIGRATIONS }
}
