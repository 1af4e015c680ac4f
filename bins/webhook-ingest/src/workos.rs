//! WorkOS: one header with a timestamp and a signature; the id and the type of the event are in the body.

use crate::provider::{Named, Unverified};
use actix_web::http::header::HeaderMap;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_provider_workos::{WebhookSecret, webhook};

/// The header with the signature.
pub const SIGNATURE: &str = "workos-signature";

/// Verifies that WorkOS signed `body` at most 180 seconds before or after `now`.
///
/// # Errors
/// When the header is missing, repeated or unreadable, or its time or signature is not valid.
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

/// The id and the type of the event in `body`.
#[must_use]
pub fn name_of(body: &[u8]) -> Option<Named> {
    let delivery = webhook::read(body).ok()?;
    Some(Named { external_id: delivery.id, event_type: delivery.event })
}
