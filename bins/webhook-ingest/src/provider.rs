//! The providers that we listen to. A line in [`PROVIDERS`], and there is one more.

use crate::{WebhookSettings, workos};
use actix_web::http::header::HeaderMap;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

/// Verifies a body under a secret, with the headers that came with it and the present moment.
pub type Verify = fn(&SecretString, &HeaderMap, &[u8], DateTime<Utc>) -> Result<(), Unverified>;

/// A provider.
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// Its name in the path, and for ever in the database.
    pub name: &'static str,
    /// The secret that it signs with, when it is configured.
    pub secret: fn(&WebhookSettings) -> Option<&SecretString>,
    /// Whether it sent this body, about now. It must compare in constant time.
    pub verify: Verify,
    /// What a verified body calls itself; none when it does not say.
    pub name_of: fn(&[u8]) -> Option<Named>,
    /// The headers to keep, in lower case: those that it takes to verify the body again.
    pub headers: &'static [&'static str],
}

/// Why a body is not believed, for the log. Callers are not told which it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unverified(pub String);

/// What a body calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The provider's id of what happened, the same each time that it is sent.
    pub external_id: String,
    /// What happened.
    pub event_type: String,
}

/// The providers that we listen to.
pub const PROVIDERS: &[Provider] = &[Provider {
    name: "workos",
    secret: |settings| settings.workos_secret.as_ref(),
    verify: workos::verify,
    name_of: workos::name_of,
    headers: &[workos::SIGNATURE],
}];
