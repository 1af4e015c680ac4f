//! A Postgres of a test's own with a studio in it, to be killed under load.

use crate::{Database, PostgresServer, TestTenant};
use tokio_postgres::Client;
use tryzore_kernel::{Clock, SystemClock};
use tryzore_postgres::migrations;

/// A server with a migrated database and a studio.
pub struct Cluster {
    /// The server.
    pub server: PostgresServer,
    /// The studio, whose clock shows the present moment: programs of their own have no other.
    pub studio: TestTenant,
}

impl Cluster {
    /// Starts one.
    ///
    /// # Panics
    /// When it cannot be made.
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

    /// A new connection within the studio's tenant: those from before a crash are dead.
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
