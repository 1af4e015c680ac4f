//! How to reach the database.

use serde::Deserialize;
use std::path::PathBuf;

/// The `database` section of the configuration.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host:port/name?sslmode=…`. Of libpq's modes, `require`, `verify-ca` and
    /// `verify-full` all mean TLS with a verified certificate, which is also the default for another
    /// machine. `sslrootcert=…` means the same as `root_certificates`.
    pub url: String,
    /// Where to listen for notifications, if not at `url`: a pooler in transaction mode cannot forward
    /// them, so behind such a pooler this is the address of the database itself.
    #[serde(default)]
    pub listen_url: Option<String>,
    /// A file of certificates (PEM) to trust in addition to the public authorities.
    #[serde(default)]
    pub root_certificates: Option<PathBuf>,
    /// Lets `sslmode=disable` and `prefer` name another machine, for a network that nobody else can
    /// listen on. Otherwise such a URL is refused.
    #[serde(default)]
    pub allow_plaintext: bool,
    /// Connections for the requests or jobs of this service, divided among its threads. A service that
    /// answers requests opens up to four more for background work. Size the pool by the database, not by
    /// the number of callers: the database's cores, and commits that wait for its disk. On two cores,
    /// sixteen were faster than eight and than thirty-two; eight is what all programs together have room
    /// for where a database allows 60 connections.
    #[serde(default = "eight")]
    pub pool_size: usize,
    /// Milliseconds to wait for a connection, or in the queue of an object that many callers change at
    /// once, before answering 503. The default lets a burst queue: a thousand bookings in one second take
    /// less time than this.
    #[serde(default = "five_seconds")]
    pub pool_wait_ms: u64,
    /// Cache prepared statements on each connection. Set to `false` behind any pooler in transaction
    /// mode, even if the pooler tracks prepared statements: with the cache, a connection sets
    /// `plan_cache_mode`, which poolers may refuse.
    #[serde(default = "yes")]
    pub prepared_statements: bool,
}

impl DatabaseConfig {
    /// The default settings for `url`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            listen_url: None,
            root_certificates: None,
            allow_plaintext: false,
            pool_size: eight(),
            pool_wait_ms: five_seconds(),
            prepared_statements: true,
        }
    }
}

// The URL contains a password.
impl std::fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("root_certificates", &self.root_certificates)
            .field("allow_plaintext", &self.allow_plaintext)
            .field("pool_size", &self.pool_size)
            .field("pool_wait_ms", &self.pool_wait_ms)
            .field("prepared_statements", &self.prepared_statements)
            .finish_non_exhaustive()
    }
}

const fn eight() -> usize {
    8
}

const fn five_seconds() -> u64 {
    5_000
}

const fn yes() -> bool {
    true
}
