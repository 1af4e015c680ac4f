//! How to reach the database.

use serde::Deserialize;
use std::path::PathBuf;

/// The `database` section of the configuration.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host:port/name?sslmode=…`. Of libpq's modes, `require`,
    /// `verify-ca` and `verify-full` all mean TLS with a verified certificate; that is also what
    /// holds for another machine when nothing is said. `sslrootcert=…` is `root_certificates`.
    pub url: String,
    /// Where to listen for wake-ups, if not at `url`: a pooler in transaction mode cannot hand them
    /// on, so behind one this is the database's own address.
    #[serde(default)]
    pub listen_url: Option<String>,
    /// Certificates to trust beside the usual ones (PEM), for a private authority.
    #[serde(default)]
    pub root_certificates: Option<PathBuf>,
    /// Lets `sslmode=disable` and `prefer` name another machine. For a network that nobody else
    /// can listen on; otherwise such a URL is refused.
    #[serde(default)]
    pub allow_plaintext: bool,
    /// Connections that do what this service is asked for, divided among its threads; a service that
    /// answers requests has up to four more for what goes on beside them. Sized by the database, not
    /// by callers: its cores, and commits that wait for its disk. On two cores sixteen were faster
    /// than eight and than thirty-two; eight is what all programs together have room for where a
    /// database has 60 connections.
    #[serde(default = "eight")]
    pub pool_size: usize,
    /// Milliseconds to wait for a connection, or for the turn at something that many change at once,
    /// before answering 503. Long enough for a burst to queue: a thousand bookings in one second are
    /// worked off in less.
    #[serde(default = "five_seconds")]
    pub pool_wait_ms: u64,
    /// Keep prepared statements on each connection. Switch it off behind any pooler in transaction
    /// mode, also where it follows them: with it on, a connection asks for `plan_cache_mode`, which
    /// poolers may refuse.
    #[serde(default = "yes")]
    pub prepared_statements: bool,
}

impl DatabaseConfig {
    /// The usual settings for `url`.
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

// The URL holds a password.
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
