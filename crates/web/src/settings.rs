//! Configuration: compiled-in defaults, then a file, then `TRYZORE__SECTION__KEY`.
//!
//! The configuration is logged when a service starts ([`Settings::shown`]). Secrets have a type that
//! can't be printed, and are shown as `***` if they are set.

use config::{Config, ConfigError, Environment, File, FileFormat};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{num::NonZeroU32, path::PathBuf};
use tryzore_postgres::DatabaseConfig;

/// The configuration of an API.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// The HTTP server.
    pub http: HttpSettings,
    /// The database.
    pub database: DatabaseConfig,
    /// Sign-in.
    pub auth: AuthSettings,
    /// The log.
    pub log: LogSettings,
}

/// The settings of the log.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// The format of the lines.
    pub format: LogFormat,
    /// The level: `info`, or by module, `info,tryzore_web=debug`.
    pub filter: String,
}

/// The format of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON document per line, for machines.
    Json,
    /// Coloured text, for people.
    Pretty,
}

/// The settings of sign-in.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// The identity provider.
    pub provider: ProviderKind,
    /// `iss` of access tokens: the public address of the product.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// Seals the keys that sign access tokens: 32 bytes in base64, the same for all APIs.
    #[serde(serialize_with = "masked")]
    pub key_encryption_key: SecretString,
    /// Earlier values of `key_encryption_key`, which still decrypt older keys; not needed after 90 days.
    #[serde(default, serialize_with = "all_masked")]
    pub former_key_encryption_keys: Vec<SecretString>,
    /// How WorkOS is reached; required if it is the provider.
    #[serde(default)]
    pub workos: Option<WorkOsSettings>,
    /// A file of passwords that nobody may choose, because they are known from breaches.
    #[serde(default)]
    pub breached_passwords: Option<PathBuf>,
}

/// The identity providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Passwords that the product stores itself.
    Password,
    /// WorkOS.
    Workos,
}

/// How WorkOS is reached.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WorkOsSettings {
    /// The API key, `sk_…`.
    #[serde(serialize_with = "masked")]
    pub api_key: SecretString,
    /// The client id, `client_…`.
    pub client_id: String,
    /// The address of the API.
    #[serde(default = "workos")]
    pub base_url: String,
    /// Seconds to wait for an answer.
    #[serde(default = "ten")]
    pub timeout_seconds: u64,
}

fn workos() -> String {
    "https://api.workos.com".to_owned()
}

const fn ten() -> u64 {
    10
}

const MASK: &str = "***";

fn shown(secret: &SecretString) -> &'static str {
    if secret.expose_secret().is_empty() { "" } else { MASK }
}

fn masked<S: Serializer>(secret: &SecretString, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(shown(secret))
}

fn all_masked<S: Serializer>(secrets: &[SecretString], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(secrets.iter().map(shown))
}

impl Settings {
    /// The settings as JSON, without secrets.
    #[must_use]
    pub fn shown(&self) -> Value {
        json!({
            "http": self.http,
            "database": database_shown(&self.database),
            "auth": self.auth,
            "log": self.log,
        })
    }
}

/// The settings of the database as JSON, without passwords.
#[must_use]
pub fn database_shown(database: &DatabaseConfig) -> Value {
    json!({
        "url": url_shown(&database.url),
        "listen_url": database.listen_url.as_deref().map(url_shown),
        "root_certificates": database.root_certificates,
        "allow_plaintext": database.allow_plaintext,
        "pool_size": database.pool_size,
        "pool_wait_ms": database.pool_wait_ms,
        "prepared_statements": database.prepared_statements,
    })
}

// A URL without its password; a text that is not a URL is masked.
fn url_shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return MASK.to_owned() };
    // Passwords may be parameters too.
    let (address, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let shown =
        parameters.split('&').filter(|parameter| parameter.starts_with("ssl")).collect::<Vec<_>>().join("&");
    let address = match address.rsplit_once('@') {
        None => address.to_owned(),
        Some((login, host)) => match login.split_once(':') {
            Some((user, _)) => format!("{user}:{MASK}@{host}"),
            None => format!("{login}@{host}"),
        },
    };
    let mark = if shown.is_empty() { "" } else { "?" };
    format!("{scheme}://{address}{mark}{shown}")
}

/// The settings of the HTTP server.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    /// The address to listen on.
    pub address: std::net::IpAddr,
    /// The port to listen on; 0 for any free port.
    pub port: u16,
    /// The number of threads; by default the number of cores.
    pub threads: Option<usize>,
    /// The origins that may call from a browser.
    pub origins: Vec<String>,
    /// Seconds that running requests may take to finish after the stop signal.
    pub drain_seconds: u64,
    /// How slowly a body may arrive.
    #[serde(default)]
    pub body: BodySettings,
    /// How often callers may call.
    pub limits: LimitSettings,
}

/// How slowly a body may arrive. Only the time in which the service waits for the caller counts.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct BodySettings {
    /// Seconds that may pass without a byte of the body.
    pub idle_seconds: NonZeroU32,
    /// Bytes per second that must arrive on average, once `idle_seconds` are used up.
    pub bytes_per_second: NonZeroU32,
}

impl Default for BodySettings {
    fn default() -> Self {
        const fn of(number: u32) -> NonZeroU32 {
            NonZeroU32::MIN.saturating_add(number - 1)
        }
        Self { idle_seconds: of(10), bytes_per_second: of(4096) }
    }
}

/// How often callers may call, in requests per minute.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// The limit of an address.
    pub per_address: NonZeroU32,
    /// The limit of a user.
    pub per_user: NonZeroU32,
    /// The limit of an API key.
    pub per_api_key: NonZeroU32,
    /// The limit of all callers at an organization together.
    pub per_organization: NonZeroU32,
    /// How many proxies are in front of the service, each of which appends the address of its caller to
    /// `X-Forwarded-For`: clients may have written the entries to the left of those.
    pub trusted_proxies: u8,
}

const DEFAULTS: &str = include_str!("../config/default.toml");

/// The port of a service that the defaults don't know: a program of another repository.
const PORT: i64 = 8080;

/// Loads the configuration of `service`: the defaults, the file in `TRYZORE_CONFIG` if any, the environment.
/// A service whose port neither of them names gets 8080.
///
/// # Errors
/// When something is missing, unknown or of the wrong type; the error names it.
pub fn load<T: DeserializeOwned>(service: &str) -> Result<T, ConfigError> {
    let mut config = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    if let Ok(path) = std::env::var("TRYZORE_CONFIG") {
        config = config.add_source(File::new(&path, FileFormat::Toml));
    }
    let environment =
        Environment::with_prefix("TRYZORE").separator("__").prefix_separator("__").try_parsing(true);
    let config = config.add_source(
        environment
            .list_separator(",")
            .with_list_parse_key("http.origins")
            .with_list_parse_key("auth.former_key_encryption_keys"),
    );
    with_port(config.build()?, service)?.try_deserialize()
}

/// Adds the port of `service` to `config`, unless it has one: each service has a port of its own by default.
fn with_port(config: Config, service: &str) -> Result<Config, ConfigError> {
    if !matches!(config.get_int("http.port"), Err(ConfigError::NotFound(_))) {
        return Ok(config);
    }
    let port = match config.get_int(&format!("ports.{service}")) {
        Err(ConfigError::NotFound(_)) => PORT,
        known => known?,
    };
    Config::builder().add_source(config).set_override("http.port", port)?.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        let secret = |text: &str| SecretString::from(text.to_owned());
        let auth = AuthSettings {
            provider: ProviderKind::Workos,
            issuer: "https://api.example.com".into(),
            audience: "tryzore".into(),
            key_encryption_key: secret("first-secret"),
            former_key_encryption_keys: vec![secret("second-secret")],
            workos: Some(WorkOsSettings {
                api_key: secret("third-secret"),
                client_id: "client_1".into(),
                base_url: workos(),
                timeout_seconds: 10,
            }),
            breached_passwords: None,
        };
        let shown = serde_json::to_string(&auth).unwrap();
        assert!(!shown.contains("secret-") && !shown.contains("-secret\""), "{shown}");
        assert!(!format!("{auth:?}").contains("-secret"));
        assert_eq!(shown.matches(MASK).count(), 3);
        assert!(shown.contains("client_1"));
    }

    #[test]
    fn a_port_that_is_set_stays_even_if_it_is_wrong_and_a_program_of_others_has_one_too() {
        let defaults = || Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        let port =
            |config: Config, service| with_port(config, service).unwrap().get_string("http.port").unwrap();
        assert_eq!(port(defaults().build().unwrap(), "app-api"), "8081");
        assert_eq!(port(defaults().build().unwrap(), "studio"), "8080");
        for set in ["9000", "none"] {
            let config = defaults().set_override("http.port", set).unwrap().build().unwrap();
            assert_eq!(port(config, "app-api"), set);
        }
    }

    #[test]
    fn a_url_is_shown_without_its_password() {
        let cases = [
            (
                "postgres://api:p@ss:w@db:5432/tz?sslmode=require",
                "postgres://api:***@db:5432/tz?sslmode=require",
            ),
            ("postgres://api@db/tz?password=p&sslmode=disable", "postgres://api@db/tz?sslmode=disable"),
            ("postgres://db/tz", "postgres://db/tz"),
            ("host=db password=p", "***"),
        ];
        for (url, shown) in cases {
            assert_eq!(url_shown(url), shown);
        }
    }
}
