//! What the receiver is told.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use tryzore_postgres::DatabaseConfig;
use tryzore_web::{
    HttpSettings,
    settings::{LogSettings, database_shown},
};

/// What the receiver is told.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// How it listens.
    pub http: HttpSettings,
    /// How it reaches the database.
    pub database: DatabaseConfig,
    /// What it says of itself.
    pub log: LogSettings,
    /// Whom it listens to.
    #[serde(default)]
    pub webhooks: WebhookSettings,
}

/// Whom the receiver listens to: the secrets that providers sign with. One without a secret is not
/// listened to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// The secret of the endpoint, as WorkOS' dashboard shows it.
    #[serde(default)]
    pub workos_secret: Option<SecretString>,
}

impl Settings {
    /// What holds, without secrets.
    #[must_use]
    pub fn shown(&self) -> Value {
        json!({ "http": self.http, "database": database_shown(&self.database), "log": self.log })
    }
}
