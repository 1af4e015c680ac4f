//! The database of a test run, as each kind of service sees it.

use std::sync::Arc;
use tokio_postgres::{Client, Config, NoTls};
use tryzore_kernel::Clock;
use tryzore_postgres::{DatabaseConfig, Db};

/// The kinds of services, each with a login that may touch only what the service may.
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
}

impl Database {
    /// The database that all tests of this run share.
    ///
    /// # Panics
    /// When the run has none.
    pub async fn shared() -> Self {
        let url = std::env::var("TRYZORE_TEST_DATABASE_URL")
            .expect("TRYZORE_TEST_DATABASE_URL is not set: run the tests with `cargo xtask test`");
        Self::with_logins(url.parse().unwrap()).await
    }

    /// A database of one's own, for tests that look at all tenants or at the schema.
    ///
    /// # Panics
    /// When the run has no template.
    pub async fn own() -> Self {
        let url = std::env::var("TRYZORE_TEST_DATABASE_URL")
            .expect("TRYZORE_TEST_DATABASE_URL is not set: run the tests with `cargo xtask test`");
        let template = std::env::var("TRYZORE_TEST_TEMPLATE").expect("TRYZORE_TEST_TEMPLATE is not set");
        let mut owner: Config = url.parse().unwrap();
        let name = format!("test_{}", uuid::Uuid::from(tryzore_kernel::TenantId::generate(now())).simple());
        let client = connect(&owner).await;
        client
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
            .await
            .unwrap();
        owner.dbname(&name);
        Self::with_logins(owner).await
    }

    async fn with_logins(owner: Config) -> Self {
        let client = connect(&owner).await;
        for service in [Service::Api, Service::Inbound, Service::Work] {
            let (login, group) = (service.login(), service.group());
            // Several tests start at once; the first makes the role.
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
        Self { owner }
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
        let host = match self.owner.get_hosts() {
            [tokio_postgres::config::Host::Tcp(host), ..] => host.clone(),
            _ => "127.0.0.1".to_owned(),
        };
        let port = self.owner.get_ports().first().copied().unwrap_or(5432);
        let name = self.owner.get_dbname().unwrap_or("postgres");
        format!("postgres://{user}:{password}@{host}:{port}/{name}?sslmode=disable")
    }

    /// The database as `service` uses it.
    ///
    /// # Panics
    /// When it cannot be reached.
    #[must_use]
    pub fn as_service(&self, service: Service, clock: Arc<dyn Clock>) -> Db {
        // A test waits for its turn: on a busy machine a hundred transactions take longer than a caller would.
        let patient =
            DatabaseConfig { pool_size: 16, pool_wait_ms: 30_000, ..DatabaseConfig::new(self.url(service)) };
        Db::connect(&patient, clock).unwrap()
    }

    /// A plain connection as `service`, for looking at what is there.
    pub async fn client(&self, service: Service) -> Client {
        connect(&self.url(service).parse().unwrap()).await
    }

    /// A plain connection as the owner; row security binds it too.
    pub async fn owner_client(&self) -> Client {
        connect(&self.owner).await
    }
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn now() -> chrono::DateTime<chrono::Utc> {
    tryzore_kernel::SystemClock.now()
}
