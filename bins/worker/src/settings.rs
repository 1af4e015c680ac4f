//! What the worker is told.

use serde::Deserialize;
use tryzore_postgres::DatabaseConfig;
use tryzore_provider_smtp::MailSettings;
use tryzore_web::{HttpSettings, settings::LogSettings};

/// What the worker is told.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Where health and metrics are.
    pub http: HttpSettings,
    /// How it reaches the database.
    pub database: DatabaseConfig,
    /// How mail leaves.
    pub mail: MailSettings,
    /// Where links in mails lead.
    pub links: LinkSettings,
    /// How it works.
    pub worker: WorkerSettings,
    /// What it says of itself.
    pub log: LogSettings,
}

/// Where links in mails lead.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    /// The web pages: `https://app.example.com`, without a slash at the end.
    pub pages: String,
}

/// How the worker works.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerSettings {
    /// Jobs that run at a time.
    pub concurrency: usize,
}
