//! The configuration of the worker.

use serde::Deserialize;
use tryzore_postgres::DatabaseConfig;
use tryzore_provider_smtp::MailSettings;
use tryzore_web::{
    HttpSettings,
    settings::{LogSettings, ProviderKind, WorkOsSettings},
};

/// The configuration of the worker.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// The server of health and metrics.
    pub http: HttpSettings,
    /// The database.
    pub database: DatabaseConfig,
    /// The identity provider.
    pub auth: ProviderSettings,
    /// The mail relay.
    pub mail: MailSettings,
    /// The targets of links in mails.
    pub links: LinkSettings,
    /// The work.
    pub worker: WorkerSettings,
    /// The log.
    pub log: LogSettings,
}

/// The identity provider: the part of the APIs' settings that the worker needs.
#[derive(Debug, Clone, Deserialize)]
pub struct ProviderSettings {
    /// The kind of identity provider.
    pub provider: ProviderKind,
    /// How WorkOS is reached; required if it is the provider.
    #[serde(default)]
    pub workos: Option<WorkOsSettings>,
}

/// The targets of links in mails.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    /// The address of the web pages, `https://app.example.com`, without a slash at the end.
    pub pages: String,
}

/// The settings of the work.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerSettings {
    /// How many jobs run at a time.
    pub concurrency: usize,
}
