//! Postgres for development and tests: a private cluster that the tool creates, starts, reuses and stops; or an
//! existing server.
//!
//! - [`Flavour::Dev`]: durable, in `.data/postgres`; for local development.
//! - [`Flavour::Test`]: separate and not durable, in `target/postgres-test`.
//! - [`Flavour::Bench`]: as durable as in production, in `target/postgres-bench`; runs during a benchmark.
//! - `DATABASE_URL` in the environment replaces the development cluster: the URL of an existing database as its
//!   owner, who need not be a superuser but can create roles (Supabase's `postgres`). Tests never use it: they
//!   create and drop databases.
//!
//! **Invariant:** services never connect as the owner; each has a login of its own ([`roles`]).

pub mod account;
pub mod binaries;
pub mod connection;
pub mod home;
pub mod memory;
pub mod postmaster;
pub mod roles;

pub use connection::connect;
pub use home::Home;
pub use postmaster::Postmaster;

use crate::process::Stopped;
use crate::workspace::Workspace;
use anyhow::Context;
use memory::Memory;
use reqwest::Url;
use roles::{OWNER, Ownership};
use std::path::PathBuf;
use tokio_postgres::Client;

/// The superuser of a private cluster.
const SUPERUSER: &str = "postgres";
/// The database of the development cluster.
const DATABASE: &str = "tryzore";

/// The purpose of a private cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Its data survive a crash.
    Dev,
    /// Fast; a crash of the machine may damage its data.
    Test,
    /// The settings of production, with data that may be lost.
    Bench,
}

impl Flavour {
    fn settings(self) -> Vec<&'static str> {
        let mut settings = vec![
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "timezone=UTC",
            "log_timezone=UTC",
        ];
        settings.extend(match self {
            Self::Dev | Self::Bench => ["max_connections=100"].as_slice(),
            Self::Test => &[
                "max_connections=200",
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                "autovacuum=off",
            ],
        });
        settings
    }

    fn first_port(self) -> u16 {
        match self {
            Self::Dev => 15_432,
            Self::Test => 16_432,
            Self::Bench => 17_432,
        }
    }

    /// The folder of this flavour's cluster in a workspace.
    #[must_use]
    pub fn folder(self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Dev => workspace.data().join("postgres"),
            Self::Test => workspace.target().join("postgres-test"),
            Self::Bench => workspace.target().join("postgres-bench"),
        }
    }
}

/// A server that is running and has an owner role.
#[derive(Debug)]
pub struct Cluster {
    home: Option<Home>,
    memory: Memory,
    memory_path: PathBuf,
    owner: Url,
    reused: bool,
}

impl Cluster {
    /// The private cluster of a workspace, started if necessary; for [`Flavour::Dev`], the server of
    /// `DATABASE_URL` if that is set.
    pub async fn start(workspace: &Workspace, flavour: Flavour) -> anyhow::Result<Self> {
        if let (Flavour::Dev, Some(url)) = (flavour, external_url()) {
            return Self::external(workspace, &url).await;
        }
        Self::start_in(Home::place(&flavour.folder(workspace))?, flavour).await
    }

    /// A private cluster in a folder of its own.
    pub async fn start_in(home: Home, flavour: Flavour) -> anyhow::Result<Self> {
        let _lock = home.lock()?;
        let mut memory = Memory::load(&home.memory())?;
        let (postmaster, reused) = postmaster::start(&home, flavour, &mut memory).await?;
        let password = memory.password(OWNER)?;
        let owner =
            format!("postgres://{OWNER}:{password}@127.0.0.1:{}/{DATABASE}?sslmode=disable", postmaster.port);
        let memory_path = home.memory();
        let mut cluster = Self { home: Some(home), memory, memory_path, owner: Url::parse(&owner)?, reused };
        let client = cluster.admin().await?;
        roles::owner_ensure(&client, &mut cluster.memory).await?;
        cluster.memory.save(&cluster.memory_path)?;
        Ok(cluster)
    }

    /// An existing database, by the URL of its owner.
    pub async fn external(workspace: &Workspace, url: &str) -> anyhow::Result<Self> {
        let owner =
            Url::parse(url).context("DATABASE_URL must be a URL: postgres://user:password@host/name")?;
        let place =
            format!("server-{}-{}.json", owner.host_str().unwrap_or("local"), owner.port().unwrap_or(5432));
        let memory_path = workspace.data().join(place);
        let first_time = !memory_path.exists();
        let mut memory = Memory::load(&memory_path)?;
        let client = connect(url).await?;
        if first_time {
            // The demo is only written to an empty database; a managed server's own tables do not count.
            let sql = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                       WHERE c.relkind IN ('r', 'p') AND c.relowner = current_user::regrole \
                       AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'";
            memory.seeded = client.query_one(sql, &[]).await?.get::<_, i64>(0) > 0;
            memory.save(&memory_path)?;
        }
        Ok(Self { home: None, memory, memory_path, owner, reused: true })
    }

    /// Whether the server was running before.
    #[must_use]
    pub fn reused(&self) -> bool {
        self.reused
    }

    /// The name of the development database.
    #[must_use]
    pub fn database(&self) -> &str {
        self.owner.path().trim_start_matches('/')
    }

    /// `host:port`, for messages.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}:{}", self.owner.host_str().unwrap_or("local"), self.owner.port().unwrap_or(5432))
    }

    /// The URL of a database as the owner, for migrations. Contains a password.
    #[must_use]
    pub fn owner_url(&self, database: &str) -> String {
        let mut url = self.owner.clone();
        url.set_path(database);
        url.into()
    }

    /// The URL of a database as a service's login. Contains a password.
    pub fn url(&self, role: &str, database: &str) -> anyhow::Result<String> {
        let password =
            self.memory.passwords.get(role).with_context(|| format!("the role {role} was not made"))?;
        let mut url = self.owner.clone();
        // Supabase's pooler requires `role.project`: the owner's URL has the project.
        let user = self
            .owner
            .username()
            .split_once('.')
            .map_or(role.to_owned(), |(_, tail)| format!("{role}.{tail}"));
        let set = url.set_username(&user).and_then(|()| url.set_password(Some(password)));
        set.ok().context("the server's address takes no user")?;
        url.set_path(database);
        Ok(url.into())
    }

    /// The key with which the services encrypt the keys in this server. A secret.
    pub fn key_encryption_key(&self) -> anyhow::Result<&str> {
        self.memory.key_encryption_key.as_deref().context("the services' logins were not made")
    }

    /// Makes the database if it is missing.
    pub async fn database_ensure(&self, name: &str) -> anyhow::Result<()> {
        if self.home.is_none() {
            return Ok(());
        }
        let client = self.admin().await?;
        if client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await?.is_none() {
            client.batch_execute(&format!("CREATE DATABASE {name} OWNER {OWNER}")).await?;
        }
        Ok(())
    }

    /// Empties the database: drops it, even if connections are open, and creates it.
    pub async fn database_recreate(&self, name: &str) -> anyhow::Result<()> {
        self.database_drop(name).await?;
        self.database_ensure(name).await
    }

    /// Makes a database as a copy of another that nobody is connected to.
    pub async fn database_clone(&self, template: &str, name: &str) -> anyhow::Result<()> {
        let sql = format!("CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} STRATEGY file_copy");
        self.admin().await?.batch_execute(&sql).await.with_context(|| format!("copying {template}"))
    }

    /// Drops a database of a private cluster, even if connections are open.
    pub async fn database_drop(&self, name: &str) -> anyhow::Result<()> {
        let client = self.admin().await?;
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        Ok(())
    }

    /// Drops databases of earlier test runs: every database of the owner, except those named, that has no connection
    /// and is older than an hour or was made by a process that is dead. Returns how many.
    pub async fn leftovers_drop(&self, keep: &[&str]) -> anyhow::Result<usize> {
        let client = self.admin().await?;
        // Newer ones may belong to a run whose tests connect one after the other.
        let sql = "SELECT d.datname::text, \
                   (pg_stat_file('base/' || d.oid || '/PG_VERSION')).modification < now() - interval '1 hour' \
                   FROM pg_database d WHERE d.datdba = $1::text::regrole AND d.datname <> ALL ($2) \
                   AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datid = d.oid)";
        let mut dropped = 0;
        for row in client.query(sql, &[&OWNER, &keep]).await? {
            let (name, is_old): (String, bool) = (row.get(0), row.get(1));
            if !is_old && !orphaned(&name) {
                continue;
            }
            // If someone has just connected, the database is in use and stays.
            dropped += usize::from(client.batch_execute(&format!("DROP DATABASE \"{name}\"")).await.is_ok());
        }
        Ok(dropped)
    }

    /// The comment of a database, which says what it was made from.
    pub async fn database_comment(&self, name: &str) -> anyhow::Result<Option<String>> {
        let sql = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1";
        Ok(self.admin().await?.query_opt(sql, &[&name]).await?.and_then(|row| row.get(0)))
    }

    /// Sets the comment of a database; `comment` is letters and digits.
    pub async fn database_comment_set(&self, name: &str, comment: &str) -> anyhow::Result<()> {
        self.admin().await?.batch_execute(&format!("COMMENT ON DATABASE {name} IS '{comment}'")).await?;
        Ok(())
    }

    /// Makes the services' logins.
    pub async fn logins_ensure(&mut self) -> anyhow::Result<()> {
        let client = connect(&self.maintenance_url()).await?;
        let whose = if self.home.is_some() { Ownership::Private } else { Ownership::Foreign };
        let made = roles::logins_ensure(&client, &mut self.memory, whose).await;
        self.memory.key_encryption_key()?;
        self.memory.save(&self.memory_path)?;
        made
    }

    /// Puts the logins into the groups that the migrations made.
    pub async fn groups_grant(&self) -> anyhow::Result<()> {
        roles::groups_grant(&connect(&self.maintenance_url()).await?).await
    }

    /// Whether the demo has not been written yet.
    #[must_use]
    pub fn wants_seed(&self) -> bool {
        !self.memory.seeded
    }

    /// Stores that the demo has been written.
    pub fn seeded(&mut self) -> anyhow::Result<()> {
        self.memory.seeded = true;
        self.memory.save(&self.memory_path)
    }

    /// Stops a private server; an existing server of someone else keeps running.
    pub async fn stop(self) -> anyhow::Result<Stopped> {
        match self.home {
            Some(home) => stop(&home).await,
            None => Ok(Stopped::Absent),
        }
    }

    /// A connection as the owner, to a database that always exists.
    fn maintenance_url(&self) -> String {
        if self.home.is_some() { self.owner_url("postgres") } else { self.owner.to_string() }
    }

    /// A connection as the superuser of a private cluster.
    async fn admin(&self) -> anyhow::Result<Client> {
        anyhow::ensure!(self.home.is_some(), "databases are made and dropped in a private cluster only");
        connect(&self.url(SUPERUSER, "postgres")?).await
    }
}

/// Whether a database belongs to a test whose process is dead: `test_<process>_<id>`.
fn orphaned(name: &str) -> bool {
    let process = name.strip_prefix("test_").and_then(|rest| rest.split_once('_')?.0.parse().ok());
    process.is_some_and(|process| !crate::process::alive(process))
}

/// `DATABASE_URL`, unless empty.
#[must_use]
pub fn external_url() -> Option<String> {
    std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// Stops the server of a home, if it runs.
pub async fn stop(home: &Home) -> anyhow::Result<Stopped> {
    if !home.base().exists() {
        return Ok(Stopped::Absent);
    }
    let _lock = home.lock()?;
    Ok(postmaster::stop(home).await)
}
