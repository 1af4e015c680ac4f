//! The services that jobs work with.

use crate::settings::LinkSettings;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use tryzore_auth_http::sign_in::Provider;
use tryzore_postgres::Db;
use tryzore_provider_jwt::SystemSecrets;
use tryzore_provider_smtp::Smtp;

/// The services that jobs work with. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub db: Db,
    /// The mail relay.
    pub mailer: Smtp,
    /// The identity provider.
    pub identity: Arc<Provider>,
    /// Random bits.
    pub secrets: SystemSecrets,
    /// The addresses of web pages.
    pub pages: Pages,
}

impl Services {
    /// The current time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.db.clock().now()
    }
}

/// The addresses of the web pages to which mails link.
#[derive(Clone)]
pub struct Pages(Arc<str>);

impl Pages {
    /// The pages below `settings.pages`.
    #[must_use]
    pub fn new(settings: &LinkSettings) -> Self {
        Self(settings.pages.trim_end_matches('/').into())
    }

    /// The address of the page `path`, which starts with a slash.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The address of the page `path` with `token` in the fragment, which a browser does not send to servers: so
    /// the token is in no log and no `Referer`. Tokens are base64url and need no escaping.
    #[must_use]
    pub fn with_token(&self, path: &str, token: &SecretString) -> String {
        format!("{}{path}#token={}", self.0, token.expose_secret())
    }

    /// Like [`Pages::with_token`], with the `proof` of the mailbox for users without a password.
    #[must_use]
    pub fn with_proof(&self, path: &str, token: &SecretString, proof: &SecretString) -> String {
        format!("{}&proof={}", self.with_token(path, token), proof.expose_secret())
    }
}
