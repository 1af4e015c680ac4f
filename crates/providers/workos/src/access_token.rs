//! Verifies the access tokens that WorkOS signs: RS256, with the keys that it publishes for our client
//! (`GET /sso/jwks/{client_id}`, cached for ten minutes).
//!
//! If a key is not in the cache, the keys are fetched once more, because WorkOS may have changed them. How
//! long tokens are valid is a setting of its dashboard and not of a request, so the limit of an hour is
//! checked here (AUT-01).

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::Jwk};
use serde::Deserialize;
use tryzore_auth::claims::ACCESS_LIFE;
use workos::JwksHelper;

/// The accepted difference between the clocks of WorkOS and ours.
pub const SKEW: TimeDelta = TimeDelta::seconds(60);

/// The claims of an access token that we use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProviderClaims {
    /// The user at WorkOS, `user_01...`.
    pub sub: String,
    /// The session at WorkOS, `session_01...`.
    pub sid: String,
    /// The organization at WorkOS that the user signed in to.
    #[serde(default)]
    pub org_id: Option<String>,
    /// Issued at, Unix seconds.
    pub iat: i64,
    /// Expires at, Unix seconds.
    pub exp: i64,
}

/// The reason why an access token of WorkOS is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// The text is not an RS256 JWT, or a claim is missing.
    #[error("the token cannot be read")]
    Malformed,
    /// The token is signed with a key that WorkOS does not publish for us.
    #[error("the token names a key that WorkOS does not publish")]
    UnknownKey,
    /// The signature is not valid.
    #[error("the signature is not valid")]
    Signature,
    /// The token has expired or is not valid yet.
    #[error("the token has expired or is not valid yet")]
    Expired,
    /// The token is valid for more than an hour.
    #[error(
        "the token is valid for more than an hour: shorten the access token duration in WorkOS' dashboard"
    )]
    TooLong,
    /// The keys cannot be fetched.
    #[error("the keys of WorkOS cannot be read: {0}")]
    Keys(String),
}

/// Verifies access tokens of WorkOS.
pub struct AccessTokenVerifier {
    keys: JwksHelper,
}

impl AccessTokenVerifier {
    /// Creates a verifier that fetches the keys with `client`.
    #[must_use]
    pub fn new(client: &workos::Client) -> Self {
        Self { keys: client.jwks() }
    }

    /// The claims of `token`, if WorkOS has signed it and it is valid at `now`.
    ///
    /// # Errors
    /// [`AccessTokenError`].
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<ProviderClaims, AccessTokenError> {
        let header = decode_header(token).map_err(|_| AccessTokenError::Malformed)?;
        if header.alg != Algorithm::RS256 {
            return Err(AccessTokenError::Malformed);
        }
        let kid = header.kid.ok_or(AccessTokenError::Malformed)?;
        let key = self.key(&kid).await?;
        let mut validation = Validation::new(Algorithm::RS256);
        // The keys belong to our client only, which makes an audience unnecessary; times are checked below,
        // against the clock of the caller.
        validation.validate_aud = false;
        validation.validate_exp = false;
        let claims = decode::<ProviderClaims>(token, &key, &validation)
            .map_err(|error| match error.kind() {
                jsonwebtoken::errors::ErrorKind::InvalidSignature => AccessTokenError::Signature,
                _ => AccessTokenError::Malformed,
            })?
            .claims;
        check_times(&claims, now)?;
        Ok(claims)
    }

    async fn key(&self, kid: &str) -> Result<DecodingKey, AccessTokenError> {
        let unreadable = |error: workos::Error| AccessTokenError::Keys(error.to_string());
        let find =
            |set: &workos::JwkSet| set.keys.iter().find(|key| key.kid.as_deref() == Some(kid)).cloned();
        let mut found = find(&*self.keys.fetch().await.map_err(unreadable)?);
        if found.is_none() {
            found = find(&*self.keys.refresh().await.map_err(unreadable)?);
        }
        let key = serde_json::to_value(found.ok_or(AccessTokenError::UnknownKey)?);
        let key: Jwk = key
            .and_then(serde_json::from_value)
            .map_err(|error| AccessTokenError::Keys(error.to_string()))?;
        DecodingKey::from_jwk(&key).map_err(|error| AccessTokenError::Keys(error.to_string()))
    }
}

fn check_times(claims: &ProviderClaims, now: DateTime<Utc>) -> Result<(), AccessTokenError> {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(AccessTokenError::Malformed);
    let (issued, expires) = (at(claims.iat)?, at(claims.exp)?);
    if expires - issued > ACCESS_LIFE {
        return Err(AccessTokenError::TooLong);
    }
    if now >= expires + SKEW || now < issued - SKEW { Err(AccessTokenError::Expired) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp_nanos(1_790_000_000_000_000_000);

    fn check(life: i64, after: TimeDelta) -> Result<(), AccessTokenError> {
        let iat = NOW.timestamp();
        let claims =
            ProviderClaims { sub: "user".into(), sid: "session".into(), org_id: None, iat, exp: iat + life };
        check_times(&claims, NOW + after)
    }

    #[test]
    fn is_valid_for_at_most_an_hour_aut_01() {
        assert_eq!(check(3600, TimeDelta::zero()), Ok(()));
        assert_eq!(check(3601, TimeDelta::zero()), Err(AccessTokenError::TooLong));
    }

    #[test]
    fn is_valid_from_a_minute_before_it_was_issued_to_a_minute_after_it_expires() {
        let microsecond = TimeDelta::microseconds(1);
        assert_eq!(check(300, TimeDelta::seconds(360) - microsecond), Ok(()));
        assert_eq!(check(300, TimeDelta::seconds(360)), Err(AccessTokenError::Expired));
        assert_eq!(check(300, TimeDelta::seconds(-60)), Ok(()));
        assert_eq!(check(300, TimeDelta::seconds(-60) - microsecond), Err(AccessTokenError::Expired));
    }
}
