//! The schema, up and down. Run by the owner of the database, never by a service.
//!
//! A program of another repository may have tables of its own beside ours. Its migrations ([`Own`]) are recorded in
//! the same table as ours, each under the name of the program, so that no version of theirs is ever taken for one of
//! ours.

use crate::{DatabaseConfig, connector::Connector};
use diesel::{
    connection::BoxableConnection,
    migration::{Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion, Result},
    pg::Pg,
};
use diesel_async::{AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::fmt;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// The error of a migration run.
pub type MigrationError = Box<dyn std::error::Error + Send + Sync>;

/// The migrations of another program, for tables beside ours.
pub struct Own {
    /// The name of the program, at most 30 characters: part of the recorded versions, so it never changes.
    pub program: &'static str,
    /// What `diesel_migrations::embed_migrations!` makes of its folder.
    pub migrations: EmbeddedMigrations,
}

/// Applies the missing migrations; returns their names.
///
/// # Errors
/// When the database cannot be reached, or a migration fails, which is then rolled back.
pub async fn up(url: &str) -> Result<Vec<String>> {
    with(url, |connection| apply(connection, MIGRATIONS)).await
}

/// Reverts all migrations; returns their names. Those of other programs stay, and must be reverted before if they
/// refer to our tables.
///
/// # Errors
/// As [`up`].
pub async fn down(url: &str) -> Result<Vec<String>> {
    with(url, |connection| revert(connection, MIGRATIONS)).await
}

/// Applies the missing migrations of another program, after [`up`]; returns their names.
///
/// # Errors
/// As [`up`].
pub async fn up_own(url: &str, own: Own) -> Result<Vec<String>> {
    with(url, |connection| apply(connection, own)).await
}

/// Reverts all migrations of another program; returns their names.
///
/// # Errors
/// As [`up`].
pub async fn down_own(url: &str, own: Own) -> Result<Vec<String>> {
    with(url, |connection| revert(connection, own)).await
}

type Connection = AsyncConnectionWrapper<AsyncPgConnection>;

fn apply(connection: &mut Connection, source: impl MigrationSource<Pg>) -> Result<Vec<String>> {
    let versions = connection.run_pending_migrations(source)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

// Diesel's own function fails at a version that `source` does not have.
fn revert(connection: &mut Connection, source: impl MigrationSource<Pg>) -> Result<Vec<String>> {
    let (applied, known) = (connection.applied_migrations()?, source.migrations()?);
    let mut reverted = Vec::new();
    // The newest first.
    for version in applied {
        if let Some(migration) = known.iter().find(|one| one.name().version() == version) {
            reverted.push(connection.revert_migration(migration)?.to_string());
        }
    }
    Ok(reverted)
}

async fn with<T: Send + 'static>(
    url: &str,
    work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
) -> Result<T> {
    // A person gives the owner's URL and runs this once: `sslmode=disable` in it is intended. No
    // statement runs twice, so none is cached as prepared; a pooler in session mode works, a pooler in
    // transaction mode does not.
    let database =
        DatabaseConfig { allow_plaintext: true, prepared_statements: false, ..DatabaseConfig::new(url) };
    let connection = Connector::new(&database)?.open().await?;
    tokio::task::spawn_blocking(move || work(&mut connection.into())).await?
}

impl MigrationSource<Pg> for Own {
    fn migrations(&self) -> Result<Vec<Box<dyn Migration<Pg>>>> {
        let all: Vec<Box<dyn Migration<Pg>>> = self.migrations.migrations()?;
        let named = all.into_iter().map(|migration| -> Box<dyn Migration<Pg>> {
            let name = OwnName(format!("{}/{}", self.program, migration.name().version()));
            Box::new(OwnMigration { name, migration })
        });
        Ok(named.collect())
    }
}

/// A migration of another program.
struct OwnMigration {
    name: OwnName,
    migration: Box<dyn Migration<Pg>>,
}

/// The name of the program, and the version of its migration.
struct OwnName(String);

impl Migration<Pg> for OwnMigration {
    fn run(&self, connection: &mut dyn BoxableConnection<Pg>) -> Result<()> {
        self.migration.run(connection)
    }

    fn revert(&self, connection: &mut dyn BoxableConnection<Pg>) -> Result<()> {
        self.migration.revert(connection)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self.migration.metadata()
    }

    fn name(&self) -> &dyn MigrationName {
        &self.name
    }
}

impl MigrationName for OwnName {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(&self.0)
    }
}

impl fmt::Display for OwnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
