//! A Postgres server of a test's own with a test tenant in it, to be killed under load.

use crate::{Database, PostgresServer, TestTenant};
use tokio_postgres::Client;
use tryzore_kernel::{Clock, SystemClock};
use tryzore_postgres::migrations;

/// A server with a migrated database and a test tenant.
pub struct Cluster {
    /// The server.
    pub server: PostgresServer,
    /// The test tenant, whose clock shows the present time, like those of separate programs.
    pub studio: TestTenant,
}

impl Cluster {
    /// Starts a server.
    ///
    /// # Panics
    /// When the server cannot be started.
    pub async fn start() -> Self {
        let server = PostgresServer::start(&["max_connections=80"], &[]).await;
        let superuser = server.client().await;
        let owner = "CREATE ROLE tryzore_owner LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE PASSWORD 'owner'";
        superuser.batch_execute(owner).await.unwrap();
        superuser.batch_execute("CREATE DATABASE tryzore OWNER tryzore_owner").await.unwrap();
        let port = server.port;
        let url = format!("postgres://tryzore_owner:owner@127.0.0.1:{port}/tryzore?sslmode=disable");
        migrations::up(&url).await.unwrap();
        let studio = TestTenant::open_in(Database::at(&url).await).await;
        studio.clock.set(SystemClock.now());
        Self { server, studio }
    }

    /// A new connection within the test tenant: connections from before a crash are dead.
    ///
    /// # Panics
    /// When the server is gone.
    pub async fn sql(&self) -> Client {
        let client = self.studio.database.client(crate::Service::Api).await;
        let scope = format!("SET app.tenant_id = '{}'", self.studio.tenant.uuid());
        client.batch_execute(&scope).await.unwrap();
        client
    }
}
