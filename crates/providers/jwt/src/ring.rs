//! The current key pairs: one signs, all verify until they expire.
//!
//! A ring is a snapshot. Every process reads a new one every [`crate::rotation::RELOAD_EVERY`] and replaces
//! the old one ([`crate::JwtSigner::ring_replace`]).

use crate::{
    key_pair::{KeyPair, PublicKey},
    seal::{SealError, SealingKeys},
};
use chrono::{DateTime, Utc};
use jsonwebtoken::DecodingKey;
use serde::Serialize;
use tryzore_auth::ports::{SigningKey, SigningKeyState};

/// The reason why the stored keys cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// A key cannot be decrypted.
    #[error("signing key {kid}: {error}")]
    Seal {
        /// The name of the key.
        kid: String,
        /// The reason.
        error: SealError,
    },
    /// No key is the current one.
    #[error("there is no current signing key: run the rotation")]
    NoCurrent,
}

/// A snapshot of the key pairs.
pub struct KeyRing {
    current: KeyPair,
    others: Vec<(KeyPair, Option<DateTime<Utc>>)>,
}

/// The published keys, with which others verify tokens: a JSON Web Key Set (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeySet {
    /// The public keys.
    pub keys: Vec<PublicKey>,
}

impl KeyRing {
    /// Decrypts the stored `keys`.
    ///
    /// # Errors
    /// [`RingError`].
    pub fn open(keys: &[SigningKey], sealing: &SealingKeys) -> Result<Self, RingError> {
        let (mut current, mut others) = (None, Vec::new());
        for row in keys {
            let pair = KeyPair::open(row, sealing)
                .map_err(|error| RingError::Seal { kid: row.kid.clone(), error })?;
            match row.state {
                SigningKeyState::Current { .. } => current = Some(pair),
                SigningKeyState::Next => others.push((pair, None)),
                SigningKeyState::Retired { until } => others.push((pair, Some(until))),
            }
        }
        Ok(Self { current: current.ok_or(RingError::NoCurrent)?, others })
    }

    /// The keys to publish at `now`: the current key, the next one and those that still verify.
    #[must_use]
    pub fn key_set(&self, now: DateTime<Utc>) -> KeySet {
        let others = self.others.iter().filter(|(_, until)| is_known(*until, now)).map(|(pair, _)| pair);
        KeySet { keys: std::iter::once(&self.current).chain(others).map(KeyPair::public).collect() }
    }

    pub(crate) const fn current(&self) -> &KeyPair {
        &self.current
    }

    pub(crate) fn verifying(&self, kid: &str, now: DateTime<Utc>) -> Option<&DecodingKey> {
        if self.current.kid == kid {
            return Some(&self.current.verifying);
        }
        let known = self.others.iter().find(|(pair, until)| pair.kid == kid && is_known(*until, now));
        known.map(|(pair, _)| &pair.verifying)
    }
}

fn is_known(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    until.is_none_or(|until| now < until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rotation::{ROTATE_EVERY, rotate_when_due},
        testing::{Keys, NOW, sealing},
    };
    use futures::executor::block_on;

    #[test]
    fn publishes_public_keys_of_the_current_the_next_and_the_retired_while_it_verifies() {
        let (mut keys, sealing) = (Keys::default(), sealing(&["a"]));
        for now in [NOW, NOW + ROTATE_EVERY] {
            block_on(rotate_when_due(&mut keys, &sealing, ROTATE_EVERY, now)).unwrap();
        }
        let ring = KeyRing::open(&keys.0, &sealing).unwrap();
        let set = serde_json::to_value(ring.key_set(NOW + ROTATE_EVERY)).unwrap();
        assert_eq!(set["keys"].as_array().unwrap().len(), 3);
        let first = &set["keys"][0];
        assert_eq!(
            (&first["kty"], &first["crv"], &first["alg"], &first["use"]),
            (&"OKP".into(), &"Ed25519".into(), &"EdDSA".into(), &"sig".into())
        );
        assert!(first.get("d").is_none(), "no private key");
        let SigningKeyState::Retired { until } = keys.0[0].state else { panic!() };
        assert_eq!(ring.key_set(until - chrono::TimeDelta::microseconds(1)).keys.len(), 3);
        assert_eq!(ring.key_set(until).keys.len(), 2);
    }

    #[test]
    fn a_ring_needs_a_current_key_and_the_right_sealing_keys() {
        assert_eq!(KeyRing::open(&[], &sealing(&["a"])).err(), Some(RingError::NoCurrent));
        let mut keys = Keys::default();
        block_on(rotate_when_due(&mut keys, &sealing(&["a"]), ROTATE_EVERY, NOW)).unwrap();
        let kid = keys.0[0].kid.clone();
        let error = SealError::UnknownKey("a".into());
        assert_eq!(KeyRing::open(&keys.0, &sealing(&["b"])).err(), Some(RingError::Seal { kid, error }));
    }
}
