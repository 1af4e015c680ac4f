//! The table of providers whose webhooks are received.

use crate::{WebhookSettings, workos};
use actix_web::http::header::HeaderMap;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

/// Verifies a body with a secret, the headers of the request and the current time.
pub type Verify = fn(&SecretString, &HeaderMap, &[u8], DateTime<Utc>) -> Result<(), Unverified>;

/// A provider.
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// The name in the path and in the database, which must not change.
    pub name: &'static str,
    /// The secret with which the provider signs, if it is configured.
    pub secret: fn(&WebhookSettings) -> Option<&SecretString>,
    /// Checks the signature and the time of a body. It must compare in constant time.
    pub verify: Verify,
    /// The id and the type of event in a verified body; none if it has none.
    pub name_of: fn(&[u8]) -> Option<Named>,
    /// The headers to store, in lower case: those needed to verify the body again.
    pub headers: &'static [&'static str],
}

/// Why a body is refused, for the log. Callers get the same answer for every reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unverified(pub String);

/// The id and the type of the event in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The provider's id of the event, the same in each delivery of it.
    pub external_id: String,
    /// The type of the event.
    pub event_type: String,
}

/// The providers whose webhooks are received.
pub const PROVIDERS: &[Provider] = &[Provider {
    name: "workos",
    secret: |settings| settings.workos_secret.as_ref(),
    verify: workos::verify,
    name_of: workos::name_of,
    headers: &[workos::SIGNATURE],
}];
