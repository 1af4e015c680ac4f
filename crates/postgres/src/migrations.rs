//! The schema, up and down. Run by the owner of the database, never by a service.

use crate::{DatabaseConfig, connector::Connector};
use diesel_async::{AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// The error of a migration run.
pub type MigrationError = Box<dyn std::error::Error + Send + Sync>;

/// Applies the missing migrations; returns their names.
///
/// # Errors
/// When the database cannot be reached, or a migration fails, which is then rolled back.
pub async fn up(url: &str) -> Result<Vec<String>, MigrationError> {
    with(url, |connection| {
        let versions = connection.run_pending_migrations(MIGRATIONS)?;
        Ok(versions.iter().map(ToString::to_string).collect())
    })
    .await
}

/// Reverts all migrations; returns their names.
///
/// # Errors
/// As [`up`].
pub async fn down(url: &str) -> Result<Vec<String>, MigrationError> {
    with(url, |connection| {
        let versions = connection.revert_all_migrations(MIGRATIONS)?;
        Ok(versions.iter().map(ToString::to_string).collect())
    })
    .await
}

async fn with<T: Send + 'static>(
    url: &str,
    work: impl FnOnce(&mut AsyncConnectionWrapper<AsyncPgConnection>) -> Result<T, MigrationError>
    + Send
    + 'static,
) -> Result<T, MigrationError> {
    // A person gives the owner's URL and runs this once: `sslmode=disable` in it is intended. No
    // statement runs twice, so none is cached as prepared; a pooler in session mode works, a pooler in
    // transaction mode does not.
    let database =
        DatabaseConfig { allow_plaintext: true, prepared_statements: false, ..DatabaseConfig::new(url) };
    let connection = Connector::new(&database)?.open().await?;
    tokio::task::spawn_blocking(move || work(&mut connection.into())).await?
}
