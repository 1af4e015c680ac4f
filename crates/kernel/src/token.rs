//! Opaque tokens, which are stored as hashes.
//!
//! A token consists of random bits, and its text is shown to its owner only once. Because a token has 256
//! random bits, a plain SHA-256 is enough for storing it: guessing is hopeless, so the hash need not be
//! slow.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// The SHA-256 of a token's text. Comparing two hashes takes constant time.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of `text`.
    #[must_use]
    pub fn of(text: &SecretString) -> Self {
        Self(Sha256::digest(text.expose_secret().as_bytes()).into())
    }

    /// The hash as the database stores it.
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
    fn equal_texts_have_equal_hashes_and_no_hash_is_printed() {
        let of = |text: &str| TokenHash::of(&SecretString::from(text));
        assert_eq!(of("tzr_a"), TokenHash::from(*of("tzr_a").as_bytes()));
        assert_ne!(of("tzr_a"), of("tzr_b"));
        assert_eq!(format!("{:?}", of("tzr_a")), "TokenHash(..)");
    }
}
