//! The database of a test run, with the login of each kind of service.
//!
//! A database of a test's own is dropped with its value. What a killed test leaves behind has the number of
//! its process in its name (`test_<process>_<id>`): the next preparation of the cluster drops it, because
//! that process does not run.

use std::sync::Arc;
use tokio_postgres::{Client, Config, NoTls};
use tryzore_kernel::Clock;
use tryzore_postgres::{DatabaseConfig, Db};

/// The kinds of services, each with a login that has only the privileges of the service.
#[derive(Debug, Clone, Copy)]
pub enum Service {
    /// The CRM and mobile backends.
    Api,
    /// The webhook receiver.
    Inbound,
    /// The worker.
    Work,
}

impl Service {
    const fn group(self) -> &'static str {
        match self {
            Self::Api => "tryzore_api",
            Self::Inbound => "tryzore_inbound",
            Self::Work => "tryzore_work",
        }
    }

    fn login(self) -> String {
        format!("{}_test", self.group())
    }
}

const PASSWORD: &str = "test";

/// A migrated database.
pub struct Database {
    owner: Config,
    // The shared database of the run, if this database is to be dropped with the value.
    run: Option<Config>,
}

impl Database {
    /// The database that all tests of this run share.
    ///
    /// # Panics
    /// When the run has no shared database.
    pub async fn shared() -> Self {
        let url = std::env::var("TRYZORE_TEST_DATABASE_URL")
            .expect("TRYZORE_TEST_DATABASE_URL is not set: run the tests with `cargo xtask test`");
        Self::with_logins(url.parse().unwrap(), None).await
    }

    /// A separate database, for tests that look at all tenants or at the schema. It is dropped with the value,
    /// even if connections are open.
    ///
    /// # Panics
    /// When the run has no template.
    pub async fn own() -> Self {
        let url = std::env::var("TRYZORE_TEST_DATABASE_URL")
            .expect("TRYZORE_TEST_DATABASE_URL is not set: run the tests with `cargo xtask test`");
        let template = std::env::var("TRYZORE_TEST_TEMPLATE").expect("TRYZORE_TEST_TEMPLATE is not set");
        let run: Config = url.parse().unwrap();
        let id = tryzore_kernel::TenantId::generate(now()).uuid();
        let name = format!("test_{}_{}", std::process::id(), id.simple());
        let client = connect(&run).await;
        client
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
            .await
            .unwrap();
        let mut owner = run.clone();
        owner.dbname(&name);
        Self::with_logins(owner, Some(run)).await
    }

    /// The migrated database at `url`, the URL of its owner.
    ///
    /// # Panics
    /// When the database cannot be reached.
    pub async fn at(url: &str) -> Self {
        Self::with_logins(url.parse().unwrap(), None).await
    }

    async fn with_logins(owner: Config, run: Option<Config>) -> Self {
        let database = Self { owner, run };
        let client = connect(&database.owner).await;
        for service in [Service::Api, Service::Inbound, Service::Work] {
            let (login, group) = (service.login(), service.group());
            // Several tests start at once; the first creates the role.
            let made = format!(
                "DO $$ BEGIN
                     PERFORM pg_advisory_xact_lock(7262119);
                     IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login}') THEN
                         CREATE ROLE {login} LOGIN NOBYPASSRLS PASSWORD '{PASSWORD}' IN ROLE {group};
                     END IF;
                 END $$"
            );
            client.batch_execute(&made).await.unwrap();
        }
        database
    }

    /// The URL with which `service` logs in.
    #[must_use]
    pub fn url(&self, service: Service) -> String {
        self.url_of(&service.login(), PASSWORD)
    }

    /// The owner's URL, for migrations.
    #[must_use]
    pub fn owner_url(&self) -> String {
        let password = self.owner.get_password().map(String::from_utf8_lossy).unwrap_or_default();
        self.url_of(self.owner.get_user().unwrap_or("tryzore_owner"), &password)
    }

    fn url_of(&self, user: &str, password: &str) -> String {
        let (host, port) = self.server();
        let name = self.owner.get_dbname().unwrap_or("postgres");
        format!("postgres://{user}:{password}@{host}:{port}/{name}?sslmode=disable")
    }

    /// Host and port of the server.
    pub(crate) fn server(&self) -> (String, u16) {
        let host = match self.owner.get_hosts() {
            [tokio_postgres::config::Host::Tcp(host), ..] => host.clone(),
            _ => "127.0.0.1".to_owned(),
        };
        (host, self.owner.get_ports().first().copied().unwrap_or(5432))
    }

    /// The database as `service` uses it.
    ///
    /// # Panics
    /// When the database cannot be reached.
    #[must_use]
    pub fn as_service(&self, service: Service, clock: Arc<dyn Clock>) -> Db {
        // Tests wait longer for a connection: on a busy machine a hundred transactions take long.
        let patient =
            DatabaseConfig { pool_size: 16, pool_wait_ms: 30_000, ..DatabaseConfig::new(self.url(service)) };
        Db::connect(&patient, clock).unwrap()
    }

    /// A plain connection as `service`, for checks of the stored rows.
    pub async fn client(&self, service: Service) -> Client {
        connect(&self.url(service).parse().unwrap()).await
    }

    /// A plain connection as the owner; row security applies to it too.
    pub async fn owner_client(&self) -> Client {
        connect(&self.owner).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(run) = self.run.take() else { return };
        let name = self.owner.get_dbname().unwrap_or_default().to_owned();
        // The test's own runtime waits for this drop, so the work is done on another runtime.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.ok().map(|runtime| runtime.block_on(remove(&run, &name)))
        });
        // A database that could not be dropped is found by its name later; the test need not fail.
        let _ = dropping.join();
    }
}

// Pools of the test may still be connected, and only a superuser may end another login's session: each login
// ends its own.
async fn remove(run: &Config, name: &str) -> Result<(), tokio_postgres::Error> {
    let owner = reach(run).await?;
    owner.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await?;
    let there =
        "SELECT DISTINCT usename::text FROM pg_stat_activity WHERE datname = $1 AND usename IS NOT NULL";
    for row in owner.query(there, &[&name]).await? {
        let user: String = row.get(0);
        let mut login = run.clone();
        if login.get_user() != Some(&user) {
            login.user(&user).password(PASSWORD);
        }
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = $1 AND usename = current_user";
        if let Ok(login) = reach(&login).await {
            login.execute(end, &[&name]).await?;
        }
    }
    // Waits some seconds for sessions that are ending.
    owner.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).await
}

async fn connect(config: &Config) -> Client {
    reach(config).await.unwrap()
}

async fn reach(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

fn now() -> chrono::DateTime<chrono::Utc> {
    tryzore_kernel::SystemClock.now()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn exists(name: &str) -> bool {
        let client = Database::shared().await.owner_client().await;
        client.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&name]).await.unwrap().is_some()
    }

    #[tokio::test]
    async fn a_separate_database_is_dropped_with_its_value_even_if_services_are_connected() {
        let database = Database::own().await;
        let name = database.owner.get_dbname().unwrap().to_owned();
        assert!(name.starts_with(&format!("test_{}_", std::process::id())), "{name}");
        let mut connected = Vec::new();
        for service in [Service::Api, Service::Inbound, Service::Work] {
            connected.push(database.client(service).await);
        }
        connected.push(database.owner_client().await);
        assert!(exists(&name).await);
        drop(database);
        assert!(!exists(&name).await);
        assert!(connected[0].batch_execute("SELECT 1").await.is_err(), "its sessions are over");
    }
}
