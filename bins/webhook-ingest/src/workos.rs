//! WorkOS: one header with a stamp and a signature, the id and the kind of event in the envelope.

use crate::provider::{Named, Unverified};
use actix_web::http::header::HeaderMap;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_provider_workos::{WebhookSecret, webhook};

/// The header with the signature.
pub const SIGNATURE: &str = "workos-signature";

/// Whether WorkOS sent `body`, at most 180 seconds away from `now`.
///
/// # Errors
/// When the header is missing, there twice or unreadable, too old or too new, or does not fit.
pub fn verify(
    secret: &SecretString,
    headers: &HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), Unverified> {
    let mut given = headers.get_all(SIGNATURE);
    let (Some(header), None) = (given.next(), given.next()) else {
        return Err(Unverified(format!("expected one header `{SIGNATURE}`")));
    };
    let header = header.to_str().map_err(|error| Unverified(error.to_string()))?;
    let secret = WebhookSecret::new(secret.clone());
    secret.verify(header, body, now).map_err(|error| Unverified(error.to_string()))
}

/// The id and the kind of event in `body`.
#[must_use]
pub fn name_of(body: &[u8]) -> Option<Named> {
    let delivery = webhook::read(body).ok()?;
    Some(Named { external_id: delivery.id, event_type: delivery.event })
}
