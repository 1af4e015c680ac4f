//! Where the sandbox listens, and who may log in to its mail server.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `TRYZORE__SANDBOX__HTTP_PORT` | page and control API; 0 is any free port | 8090 |
//! | `TRYZORE__SANDBOX__SMTP_PORT` | mail server; 0 is any free port | 2525 |
//! | `TRYZORE__SANDBOX__SMTP_USER`, `..._PASSWORD` | the one accepted login | any login, or none |
//! | `TRYZORE__LOG__FILTER` | the level of the log, as for every service | `info` |

use config::{Config, Environment};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;

/// The options of a sandbox.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port of the page and the control API; 0 is any free one.
    pub http_port: u16,
    /// Port of the mail server; 0 is any free one.
    pub smtp_port: u16,
    /// The login that the mail server requires before it accepts mail. Without one it accepts mail from anyone,
    /// and any login succeeds.
    pub smtp_login: Option<Credentials>,
    /// How long the mail server waits for a silent client before it closes the connection: 5 minutes, as RFC
    /// 5321 section 4.5.3.2.7 requires.
    pub smtp_idle: Duration,
    /// The level of the log: `info`, or by module.
    pub log_filter: String,
}

/// A user name and its password.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

impl Credentials {
    /// Whether user name and password are these.
    pub(crate) fn are(&self, user: &str, password: &str) -> bool {
        self.user == user && self.password.expose_secret() == password
    }
}

/// Why the environment has no valid options.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// A variable is not valid.
    #[error("the environment of the sandbox is not valid")]
    Environment(#[from] config::ConfigError),
    /// One of user and password is set without the other.
    #[error("TRYZORE__SANDBOX__SMTP_USER and TRYZORE__SANDBOX__SMTP_PASSWORD come together or not at all")]
    HalfALogin,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            http_port: 8090,
            smtp_port: 2525,
            smtp_login: None,
            smtp_idle: Duration::from_secs(300),
            log_filter: "info".into(),
        }
    }
}

impl Options {
    /// Any free ports, for tests.
    #[must_use]
    pub fn any_ports() -> Self {
        Self { http_port: 0, smtp_port: 0, ..Self::default() }
    }

    /// The options in the `TRYZORE__SANDBOX__*` variables of this process.
    pub fn from_environment() -> Result<Self, OptionsError> {
        Self::read(Environment::with_prefix("TRYZORE"))
    }

    fn read(environment: Environment) -> Result<Self, OptionsError> {
        let config = Config::builder().add_source(environment.separator("__").ignore_empty(true)).build()?;
        let Root { sandbox: said, log } = config.try_deserialize()?;
        let smtp_login = match (said.smtp_user, said.smtp_password) {
            (Some(user), Some(password)) => Some(Credentials { user, password }),
            (None, None) => None,
            _ => return Err(OptionsError::HalfALogin),
        };
        let usual = Self::default();
        Ok(Self {
            http_port: said.http_port.unwrap_or(usual.http_port),
            smtp_port: said.smtp_port.unwrap_or(usual.smtp_port),
            smtp_login,
            smtp_idle: usual.smtp_idle,
            log_filter: log.filter.unwrap_or(usual.log_filter),
        })
    }
}

#[derive(Deserialize)]
struct Root {
    #[serde(default)]
    sandbox: Said,
    #[serde(default)]
    log: Log,
}

// The format of the log does not matter here: a developer reads it directly.
#[derive(Deserialize, Default)]
struct Log {
    filter: Option<String>,
}

/// The variables of the sandbox; an unknown one is a typing mistake and refused.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Said {
    http_port: Option<u16>,
    smtp_port: Option<u16>,
    smtp_user: Option<String>,
    smtp_password: Option<SecretString>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Options, OptionsError> {
        let map = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Options::read(Environment::with_prefix("TRYZORE").source(Some(map)))
    }

    #[test]
    fn an_empty_environment_means_the_usual_ports_and_no_login() {
        let options = read(&[("TRYZORE__CRM_API__PORT", "1")]).unwrap();
        assert_eq!((options.http_port, options.smtp_port), (8090, 2525));
        assert!(options.smtp_login.is_none());
        assert_eq!(options.log_filter, "info");
    }

    #[test]
    fn the_log_is_filtered_by_the_variable_of_all_services() {
        let options = read(&[("TRYZORE__LOG__FILTER", "off"), ("TRYZORE__LOG__FORMAT", "json")]).unwrap();
        assert_eq!(options.log_filter, "off");
    }

    #[test]
    fn a_password_of_digits_keeps_its_leading_zero_and_is_not_printed() {
        let options = read(&[
            ("TRYZORE__SANDBOX__HTTP_PORT", "9000"),
            ("TRYZORE__SANDBOX__SMTP_PORT", "0"),
            ("TRYZORE__SANDBOX__SMTP_USER", "ada"),
            ("TRYZORE__SANDBOX__SMTP_PASSWORD", "0042"),
        ])
        .unwrap();
        assert_eq!((options.http_port, options.smtp_port), (9000, 0));
        assert!(!format!("{options:?}").contains("0042"));
        let login = options.smtp_login.unwrap();
        assert!(login.are("ada", "0042") && !login.are("ada", "42") && !login.are("bob", "0042"));
    }

    #[test]
    fn what_does_not_hold_is_refused() {
        assert!(matches!(read(&[("TRYZORE__SANDBOX__SMTP_USER", "ada")]), Err(OptionsError::HalfALogin)));
        for (name, value) in [("HTTP_PORT", "65536"), ("SMTP_PORT", "mail"), ("SMTP_PROT", "25")] {
            let name = format!("TRYZORE__SANDBOX__{name}");
            assert!(matches!(read(&[(&name, value)]), Err(OptionsError::Environment(_))), "{name}={value}");
        }
    }
}
