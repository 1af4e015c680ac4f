//! Opaque tokens as they are kept: by their hash.
//!
//! A token is random bits whose text its owner is told once. With 256 of them a plain SHA-256 is all
//! that storing needs: there is nothing to guess and so nothing to slow down.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// The SHA-256 of a token's text. Comparing two takes the same time whatever they hold.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of `text`.
    #[must_use]
    pub fn of(text: &SecretString) -> Self {
        Self(Sha256::digest(text.expose_secret().as_bytes()).into())
    }

    /// As the database keeps it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for TokenHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_equal_when_their_texts_are_and_are_never_printed() {
        let of = |text: &str| TokenHash::of(&SecretString::from(text));
        assert_eq!(of("tzr_a"), TokenHash::from(*of("tzr_a").as_bytes()));
        assert_ne!(of("tzr_a"), of("tzr_b"));
        assert_eq!(format!("{:?}", of("tzr_a")), "TokenHash(..)");
    }
}
