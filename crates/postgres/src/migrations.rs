//! The schema, up and down. Run by the owner of the database, never by a service.

use diesel_async::{AsyncConnection, AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// What a migration run may fail with.
pub type MigrationError = Box<dyn std::error::Error + Send + Sync>;

/// Applies what is missing; the names of what was applied.
///
/// # Errors
/// When the database cannot be reached or a migration fails; it is rolled back then.
pub async fn up(url: &str) -> Result<Vec<String>, MigrationError> {
    with(url, |connection| {
        let versions = connection.run_pending_migrations(MIGRATIONS)?;
        Ok(versions.iter().map(ToString::to_string).collect())
    })
    .await
}

/// Undoes everything; the names of what was undone.
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
    work: impl FnOnce(&mut AsyncConnectionWrapper<AsyncPgConnection>) -> Result<T, MigrationError> + Send + 'static,
) -> Result<T, MigrationError> {
    let url = url.to_owned();
    let connection = AsyncPgConnection::establish(&url).await?;
    tokio::task::spawn_blocking(move || work(&mut connection.into())).await?
}
