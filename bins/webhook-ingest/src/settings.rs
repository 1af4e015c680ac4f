//! The configuration of the receiver.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use tryzore_postgres::DatabaseConfig;
use tryzore_web::{
    HttpSettings,
    settings::{LogSettings, database_shown},
};

/// The configuration of the receiver.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// The HTTP server.
    pub http: HttpSettings,
    /// The database.
    pub database: DatabaseConfig,
    /// The log.
    pub log: LogSettings,
    /// The secrets of the providers.
    #[serde(default)]
    pub webhooks: WebhookSettings,
}

/// The secrets with which providers sign. Deliveries of a provider without a secret are refused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// The secret of the endpoint from the dashboard of WorkOS.
    #[serde(default)]
    pub workos_secret: Option<SecretString>,
}

impl Settings {
    /// The settings as JSON, without secrets.
    #[must_use]
    pub fn shown(&self) -> Value {
        json!({ "http": self.http, "database": database_shown(&self.database), "log": self.log })
    }
}
