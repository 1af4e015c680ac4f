//! Signing and verifying access tokens (AUT-01, AUT-02).
//!
//! A token is a JWT of type `at+jwt` (RFC 9068), so that no other kind of JWT is ever accepted as one. A
//! valid token uses the algorithm EdDSA, whatever its header says, names one of our keys, has our issuer and
//! audience, and is valid for at most an hour, whoever signed it.
//!
//! **Clock skew.** `exp` is exactly an hour after `iat`. The clocks of our machines differ by less than
//! [`SKEW`], so a token is accepted until that long after `exp` and from that long before `iat`: whether a
//! request is accepted must not depend on the machine. There is no other leeway.
//!
//! What we never issue is refused although our key has signed it: a header that demands extensions (`crit`), a
//! token that is longer than [`LENGTH_MAX`], and one that is not valid before a later moment (`nbf`).

use crate::ring::{KeyRing, KeySet};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode, errors::ErrorKind};
use secrecy::SecretString;
use serde::Serialize;
use std::sync::{Arc, PoisonError, RwLock};
use tryzore_auth::{AccessTokens, Claims, claims::ACCESS_LIFE, ports::TokenError};

/// The accepted difference between clocks.
pub const SKEW: TimeDelta = TimeDelta::seconds(30);
/// The longest token that is read. Ours have less than half of it, because the number of locations that a token
/// names is limited ([`tryzore_auth::claims::LISTED`]).
pub const LENGTH_MAX: usize = 16 * 1024;
const KIND: &str = "at+jwt";

/// The issuer and the audience of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSettings {
    /// `iss`: the public address of the service, `https://api.example.com`.
    pub issuer: String,
    /// `aud`: the service that the tokens are for, `tryzore`.
    pub audience: String,
}

/// Signs and verifies with the keys of a ring that can be replaced at any time.
pub struct JwtSigner {
    ring: RwLock<Arc<KeyRing>>,
    settings: TokenSettings,
    validation: Validation,
}

#[derive(Serialize)]
struct Signed<'a> {
    iss: &'a str,
    aud: &'a str,
    #[serde(flatten)]
    claims: &'a Claims,
}

impl JwtSigner {
    /// Creates a signer with the keys of `ring`.
    #[must_use]
    pub fn new(ring: KeyRing, settings: TokenSettings) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are checked below, against the clock of the caller and not of the machine.
        validation.validate_exp = false;
        // We issue no `nbf`, so its clock does not matter.
        validation.validate_nbf = true;
        validation.leeway = SKEW.num_seconds().unsigned_abs();
        Self { ring: RwLock::new(Arc::new(ring)), settings, validation }
    }

    /// Replaces the keys.
    pub fn ring_replace(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    /// The keys to publish, with which others verify tokens.
    #[must_use]
    pub fn key_set(&self, now: DateTime<Utc>) -> KeySet {
        self.ring().key_set(now)
    }

    fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AccessTokens for JwtSigner {
    fn access_token_sign(&self, claims: &Claims) -> Result<SecretString, TokenError> {
        let ring = self.ring();
        let key = ring.current();
        let header = Header {
            typ: Some(KIND.to_owned()),
            kid: Some(key.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let signed = Signed { iss: &self.settings.issuer, aud: &self.settings.audience, claims };
        encode(&header, &signed, &key.signing).map(SecretString::from).map_err(|_| TokenError::NoKey)
    }

    fn access_token_verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        if token.len() > LENGTH_MAX {
            return Err(TokenError::Malformed);
        }
        let header = decode_header(token).map_err(|_| TokenError::Malformed)?;
        let is_ours = header.alg == Algorithm::EdDSA && header.typ.as_deref() == Some(KIND);
        // No extension is understood here, so one that must be understood makes the token invalid (RFC 7515,
        // section 4.1.11).
        if !is_ours || header.crit.is_some() {
            return Err(TokenError::Kind);
        }
        let ring = self.ring();
        let key = header.kid.and_then(|kid| ring.verifying(&kid, now)).ok_or(TokenError::UnknownKey)?;
        let claims = decode::<Claims>(token, key, &self.validation).map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => TokenError::Signature,
            ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => TokenError::Audience,
            ErrorKind::MissingRequiredClaim(claim) if claim == "iss" || claim == "aud" => {
                TokenError::Audience
            }
            ErrorKind::InvalidAlgorithm => TokenError::Kind,
            ErrorKind::ImmatureSignature => TokenError::Times,
            _ => TokenError::Malformed,
        })?;
        check_times(&claims.claims, now)?;
        Ok(claims.claims)
    }
}

fn check_times(claims: &Claims, now: DateTime<Utc>) -> Result<(), TokenError> {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(TokenError::Times);
    let (issued, expires) = (at(claims.iat)?, at(claims.exp)?);
    if issued >= expires || expires - issued > ACCESS_LIFE || now < issued - SKEW {
        return Err(TokenError::Times);
    }
    if now >= expires + SKEW { Err(TokenError::Expired) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
