//! Derives the successors of refresh tokens with HMAC-SHA256 and a key of the configuration.
//!
//! The key for the derivation is itself derived from the configured one, which also encrypts the signing keys,
//! so that the two uses are independent.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, Tag, sign};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use tryzore_auth::Successors;

const PURPOSE: &[u8] = b"successors of refresh tokens";

/// The keys that derive successors: the current one and former ones.
pub struct SuccessorKeys {
    current: Key,
    former: Vec<Key>,
}

impl SuccessorKeys {
    /// Derives new successors with `current`; finds successors that were derived with a `former` key.
    #[must_use]
    pub fn new(current: &SecretBox<[u8]>, former: &[SecretBox<[u8]>]) -> Self {
        Self { current: key(current), former: former.iter().map(key).collect() }
    }
}

fn key(configured: &SecretBox<[u8]>) -> Key {
    let derived = sign(&Key::new(HMAC_SHA256, configured.expose_secret()), PURPOSE);
    Key::new(HMAC_SHA256, derived.as_ref())
}

fn derive(key: &Key, presented: &SecretString) -> [u8; 32] {
    let tag: Tag = sign(key, presented.expose_secret().as_bytes());
    let mut bits = [0; 32];
    bits.iter_mut().zip(tag.as_ref()).for_each(|(bit, tag)| *bit = *tag);
    bits
}

impl Successors for SuccessorKeys {
    fn successor_derive(&self, presented: &SecretString) -> [u8; 32] {
        derive(&self.current, presented)
    }

    fn successor_derive_former(&self, presented: &SecretString) -> Vec<[u8; 32]> {
        self.former.iter().map(|key| derive(key, presented)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> SecretBox<[u8]> {
        SecretBox::new(Box::new([byte; 32]))
    }

    fn text(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn a_token_has_one_successor_per_key_and_another_token_has_another() {
        let [one, same, other] =
            [1, 1, 2].map(|byte| SuccessorKeys::new(&secret(byte), &[]).successor_derive(&text("tzr_a")));
        assert_eq!(one, same);
        assert_ne!(one, other);
        assert_ne!(one, SuccessorKeys::new(&secret(1), &[]).successor_derive(&text("tzr_b")));
        assert!(one.iter().any(|byte| *byte != 0) && one[..16] != one[16..]);
    }

    #[test]
    fn a_successor_of_a_former_key_is_found() {
        let before = SuccessorKeys::new(&secret(1), &[]).successor_derive(&text("tzr_a"));
        let changed = SuccessorKeys::new(&secret(2), &[secret(3), secret(1)]);
        assert_ne!(changed.successor_derive(&text("tzr_a")), before);
        assert_eq!(changed.successor_derive_former(&text("tzr_a")).get(1), Some(&before));
    }
}
