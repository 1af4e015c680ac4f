//! What the worker is told.

use serde::Deserialize;
use tryzore_postgres::DatabaseConfig;
use tryzore_provider_smtp::MailSettings;
use tryzore_web::{
    HttpSettings,
    settings::{LogSettings, ProviderKind, WorkOsSettings},
};

/// What the worker is told.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Where health and metrics are.
    pub http: HttpSettings,
    /// How it reaches the database.
    pub database: DatabaseConfig,
    /// With whom people sign in.
    pub auth: ProviderSettings,
    /// How mail leaves.
    pub mail: MailSettings,
    /// Where links in mails lead.
    pub links: LinkSettings,
    /// How it works.
    pub worker: WorkerSettings,
    /// What it says of itself.
    pub log: LogSettings,
}

/// With whom people sign in: as much of what the APIs are told as is the worker's business.
#[derive(Debug, Clone, Deserialize)]
pub struct ProviderSettings {
    /// Who proves that a person is who they say.
    pub provider: ProviderKind,
    /// How WorkOS is reached; needed when it is the provider.
    #[serde(default)]
    pub workos: Option<WorkOsSettings>,
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
