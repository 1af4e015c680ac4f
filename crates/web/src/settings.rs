//! Configuration: compiled-in defaults, then a file, then `TRYZORE__SECTION__KEY`.

use config::{Config, ConfigError, Environment, File, FileFormat};
use serde::{Deserialize, de::DeserializeOwned};
use std::num::NonZeroU32;
use tryzore_postgres::DatabaseConfig;

/// What every HTTP service is told.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// How it listens.
    pub http: HttpSettings,
    /// How it reaches the database.
    pub database: DatabaseConfig,
}

/// How a service listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    /// Address to listen at.
    pub address: std::net::IpAddr,
    /// Port to listen at; 0 for any that is free.
    pub port: u16,
    /// Threads that answer; as many as there are cores when not said.
    pub threads: Option<usize>,
    /// Origins that may call from a browser.
    pub origins: Vec<String>,
    /// Seconds that requests under way get to finish when the service is told to stop.
    pub drain_seconds: u64,
    /// How often callers may call.
    pub limits: LimitSettings,
}

/// How often callers may call, in requests a minute.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// One address.
    pub per_address: NonZeroU32,
    /// One user.
    pub per_user: NonZeroU32,
    /// All callers at one organization.
    pub per_organization: NonZeroU32,
    /// Whether the last entry of `X-Forwarded-For` is a proxy's word and not a caller's.
    pub trust_proxy: bool,
}

const DEFAULTS: &str = include_str!("../config/default.toml");

/// The configuration of `service`: the defaults, `TRYZORE_CONFIG` if it names a file, the environment.
///
/// # Errors
/// When something is missing, unknown or of the wrong type; the error names it.
pub fn load<T: DeserializeOwned>(service: &str) -> Result<T, ConfigError> {
    let mut config = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    if let Ok(path) = std::env::var("TRYZORE_CONFIG") {
        config = config.add_source(File::new(&path, FileFormat::Toml));
    }
    let environment = Environment::with_prefix("TRYZORE").separator("__").prefix_separator("__").try_parsing(true);
    let config = config.add_source(environment.list_separator(",").with_list_parse_key("http.origins"));
    let mut config = config.build()?;
    // Each service has a port of its own, unless it is told.
    if config.get_int("http.port").is_err() {
        let port = config.get_int(&format!("ports.{service}"))?;
        config = Config::builder().add_source(config).set_override("http.port", port)?.build()?;
    }
    config.try_deserialize()
}
