//! Webhooks of WorkOS: the raw bytes are verified first, and then parsed tolerantly.
//!
//! The header is `WorkOS-Signature: t=<stamp>, v1=<hex>`. The signature is HMAC-SHA256 over
//! `<stamp>.<raw body>` with the secret of the endpoint, and a stamp may be [`TOLERANCE`] old or ahead.
//! WorkOS stamps in milliseconds, its own emulator in seconds. Both are accepted: the stamp is signed, and
//! no time of this millennium is ambiguous. An unknown part makes the header invalid, so that ignoring a
//! stronger future scheme does not go unnoticed.
//!
//! A delivery may come twice, late and out of order; a repeated one has the same [`Delivery::id`].

use crate::organizations::domain_state;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tryzore_auth::{
    SsoConnection, SsoDomain,
    follow_provider::ProviderNews,
    sso::{ConnectionState, DomainState, SsoChange, SsoNews},
};

/// How old, or how far ahead, a stamp may be.
pub const TOLERANCE: TimeDelta = TimeDelta::seconds(180);
/// Stamps from this number on are milliseconds: it is the year 5138 in seconds, March 1973 in milliseconds.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// The secret of an endpoint.
#[derive(Debug, Clone)]
pub struct WebhookSecret(SecretString);

/// The reason why a delivery is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The header is not `t=<stamp>, v1=<hex>`.
    #[error("the signature header cannot be read")]
    Header,
    /// The stamp is too old, or too far ahead.
    #[error("the stamp is more than 180 seconds away")]
    Stale,
    /// No signature is valid.
    #[error("the signature is not valid")]
    Signature,
    /// The signature is valid but the body is not a delivery.
    #[error("the body is not a delivery")]
    Body,
}

/// A delivery of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The id of the event, the same in repeated deliveries.
    pub id: String,
    /// The type of the event, such as `session.revoked`.
    pub event: String,
    /// When the event happened, if the body contains it.
    pub created_at: Option<DateTime<Utc>>,
    /// The change to follow; `None` for events that we do not follow, and for those whose required data is
    /// missing.
    pub news: Option<ProviderNews>,
}

impl WebhookSecret {
    /// The secret of an endpoint, as the dashboard shows it.
    #[must_use]
    pub const fn new(secret: SecretString) -> Self {
        Self(secret)
    }

    /// Verifies that WorkOS sent `body`, near the time `now`.
    ///
    /// # Errors
    /// [`WebhookError::Header`], [`WebhookError::Stale`], [`WebhookError::Signature`].
    pub fn verify(&self, header: &str, body: &[u8], now: DateTime<Utc>) -> Result<(), WebhookError> {
        let (mut stamp, mut signatures) = (None, Vec::new());
        for part in header.split(',') {
            match part.trim().split_once('=').ok_or(WebhookError::Header)? {
                ("t", value) if stamp.is_none() => stamp = Some(value),
                ("v1", value) => signatures.push(value),
                _ => return Err(WebhookError::Header),
            }
        }
        let stamp = stamp.filter(|_| !signatures.is_empty()).ok_or(WebhookError::Header)?;
        let expected = self.sign(stamp, body)?;
        // All signatures are compared, so that the duration reveals nothing.
        let fits = signatures.iter().fold(subtle::Choice::from(0), |fits, signature| {
            fits | signature.as_bytes().ct_eq(expected.as_bytes())
        });
        if !bool::from(fits) {
            return Err(WebhookError::Signature);
        }
        let sent = read_stamp(stamp).ok_or(WebhookError::Header)?;
        if (now - sent).abs() > TOLERANCE { Err(WebhookError::Stale) } else { Ok(()) }
    }

    /// Computes the `v1` part for `body` and `stamp`, as WorkOS does.
    ///
    /// # Errors
    /// [`WebhookError::Signature`] for a secret that cannot be a key; HMAC accepts keys of every length.
    pub fn sign(&self, stamp: &str, body: &[u8]) -> Result<String, WebhookError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret().as_bytes())
            .map_err(|_| WebhookError::Signature)?;
        mac.update(stamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        Ok(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

fn read_stamp(stamp: &str) -> Option<DateTime<Utc>> {
    let number: i64 = stamp.parse().ok().filter(|number| *number > 0)?;
    if number >= MILLISECONDS_FROM {
        DateTime::from_timestamp_millis(number)
    } else {
        DateTime::from_timestamp(number, 0)
    }
}

#[derive(Deserialize)]
struct Envelope {
    id: String,
    event: String,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    data: serde_json::Value,
}

/// Parses a verified delivery. Unknown fields are ignored.
///
/// # Errors
/// [`WebhookError::Body`] if the id or the event is missing.
pub fn read(body: &[u8]) -> Result<Delivery, WebhookError> {
    let Envelope { id, event, created_at, data } =
        serde_json::from_slice(body).map_err(|_| WebhookError::Body)?;
    let created_at = created_at.and_then(|at| moment(&at));
    let text = |name: &str| data[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let news = match event.as_str() {
        "user.updated" => match (text("id"), text("email").and_then(|email| email.parse().ok())) {
            (Some(subject), Some(email)) => Some(ProviderNews::UserUpdated {
                // The time of the user data, which may be newer than the event; else that of the event.
                at: text("updated_at").and_then(|at| moment(&at)).or(created_at),
                subject,
                email,
                email_verified: data["email_verified"].as_bool().unwrap_or(false),
                name: name(&text),
            }),
            _ => None,
        },
        "user.deleted" => text("id").map(|subject| ProviderNews::UserDeleted { subject }),
        "session.revoked" => {
            text("id").map(|provider_session| ProviderNews::SessionRevoked { provider_session })
        }
        kind => sso_news(kind, &text, created_at).map(ProviderNews::Sso),
    };
    Ok(Delivery { id, event, created_at, news })
}

/// What `kind` reports of the single sign-on of a tenant. The time is that of the event: objects that were deleted
/// keep the time of their last change.
fn sso_news(
    kind: &str,
    text: &impl Fn(&str) -> Option<String>,
    created_at: Option<DateTime<Utc>>,
) -> Option<SsoNews> {
    let change = match kind.split_once('.')? {
        ("connection", change) => {
            let state = match change {
                "activated" => ConnectionState::Active,
                "deactivated" => ConnectionState::Inactive,
                "deleted" => ConnectionState::Deleted,
                _ => return None,
            };
            let (kind, name) =
                (text("connection_type").unwrap_or_default(), text("name").unwrap_or_default());
            SsoChange::Connection(SsoConnection { id: text("id")?, kind, name, state })
        }
        ("organization_domain", change) => {
            let state = match change {
                "deleted" => DomainState::Deleted,
                "verified" | "updated" | "verification_failed" => {
                    domain_state(&text("state").unwrap_or_default())
                }
                _ => return None,
            };
            SsoChange::Domain(SsoDomain { name: text("domain")?.to_lowercase(), state })
        }
        _ => return None,
    };
    let at = created_at.or_else(|| text("updated_at").and_then(|at| moment(&at)))?;
    Some(SsoNews { at, provider_organization: text("organization_id")?, change })
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

fn name(text: &impl Fn(&str) -> Option<String>) -> Option<String> {
    text("name").or_else(|| match (text("first_name"), text("last_name")) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last),
    })
}

#[cfg(test)]
mod tests;
