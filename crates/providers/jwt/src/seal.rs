//! Encrypts private keys at rest: AES-256-GCM with a random nonce and a key of the configuration.
//!
//! A sealed secret is bound to its name (the `kid`): a sealed key that is copied to another row cannot be
//! opened. The name of the sealing key is stored with it, so that the sealing key can be changed: new
//! secrets are sealed with the first key, and old ones are opened with the key that sealed them until their
//! key pairs are deleted.
//!
//! Wire format: 12 bytes nonce, ciphertext, 16 bytes tag.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use secrecy::{ExposeSecret, SecretBox};

/// The reason why a secret cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A key has the wrong length.
    #[error("a sealing key has 32 bytes, in hexadecimal 64 digits")]
    KeyLength,
    /// No key is configured.
    #[error("at least one sealing key must be configured")]
    NoKey,
    /// The secret was sealed with a key that is not configured.
    #[error("the secret was sealed with the key `{0}`, which is not configured")]
    UnknownKey(String),
    /// The secret was changed, has another name, or was sealed with another key of the same name.
    #[error("the seal is broken")]
    Broken,
    /// The operating system provides no random bits.
    #[error("sealing failed")]
    Failed,
}

/// A key that seals private keys. It comes from the configuration, never from the database.
#[derive(Debug)]
pub struct SealingKey {
    id: String,
    key: RandomizedNonceKey,
}

impl SealingKey {
    /// Creates the key with the name `id`, which must never be used for other bytes.
    ///
    /// # Errors
    /// [`SealError::KeyLength`].
    pub fn try_new(id: impl Into<String>, bytes: &SecretBox<[u8]>) -> Result<Self, SealError> {
        let key =
            RandomizedNonceKey::new(&AES_256_GCM, bytes.expose_secret()).map_err(|_| SealError::KeyLength)?;
        Ok(Self { id: id.into(), key })
    }
}

/// The keys that seal and open.
#[derive(Debug)]
pub struct SealingKeys {
    keys: Vec<SealingKey>,
}

/// A sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The name of the sealing key.
    pub with: String,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

impl SealingKeys {
    /// Creates a set of keys: the first of `keys` seals, all of them open.
    ///
    /// # Errors
    /// [`SealError::NoKey`].
    pub fn try_new(keys: Vec<SealingKey>) -> Result<Self, SealError> {
        if keys.is_empty() { Err(SealError::NoKey) } else { Ok(Self { keys }) }
    }

    /// Seals `secret` under `name`.
    ///
    /// # Errors
    /// [`SealError::Failed`].
    pub fn seal(&self, name: &str, secret: &[u8]) -> Result<Sealed, SealError> {
        let first = self.keys.first().ok_or(SealError::NoKey)?;
        let mut text = secret.to_vec();
        let nonce = first
            .key
            .seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut text)
            .map_err(|_| SealError::Failed)?;
        let bytes = nonce.as_ref().iter().copied().chain(text).collect();
        Ok(Sealed { with: first.id.clone(), bytes })
    }

    /// Opens a secret that was sealed under `name`.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`], [`SealError::Broken`].
    pub fn open(&self, name: &str, sealed: &Sealed) -> Result<SecretBox<[u8]>, SealError> {
        let key = self.keys.iter().find(|key| key.id == sealed.with);
        let key = key.ok_or_else(|| SealError::UnknownKey(sealed.with.clone()))?;
        let (nonce, text) = sealed.bytes.split_at_checked(NONCE_LEN).ok_or(SealError::Broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Broken)?;
        let mut text = text.to_vec();
        let length = key
            .key
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut text)
            .map_err(|_| SealError::Broken)?
            .len();
        text.truncate(length);
        Ok(SecretBox::new(text.into_boxed_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sealing;

    #[test]
    fn a_secret_opens_only_under_its_own_name() {
        let keys = sealing(&["a"]);
        let sealed = keys.seal("kid", b"secret").unwrap();
        assert_eq!(keys.open("kid", &sealed).unwrap().expose_secret(), b"secret");
        assert_eq!(keys.open("another", &sealed).unwrap_err(), SealError::Broken);
        assert_ne!(keys.seal("kid", b"secret").unwrap(), sealed, "a fresh nonce each time");
    }

    #[test]
    fn a_change_of_any_byte_breaks_the_seal() {
        let keys = sealing(&["a"]);
        let sealed = keys.seal("kid", b"secret").unwrap();
        for at in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[at] ^= 1;
            assert_eq!(keys.open("kid", &changed).unwrap_err(), SealError::Broken, "byte {at}");
        }
        for length in [0, 11, 12, 27] {
            let cut = Sealed { bytes: sealed.bytes[..length].to_vec(), ..sealed.clone() };
            assert_eq!(keys.open("kid", &cut).unwrap_err(), SealError::Broken, "{length} bytes");
        }
    }

    #[test]
    fn the_key_can_be_changed() {
        let old = sealing(&["a"]).seal("kid", b"secret").unwrap();
        let both = sealing(&["b", "a"]);
        assert!(both.open("kid", &old).is_ok());
        assert_eq!(both.seal("kid", b"secret").unwrap().with, "b");
        assert_eq!(sealing(&["b"]).open("kid", &old).unwrap_err(), SealError::UnknownKey("a".into()));
    }

    #[test]
    fn a_key_has_32_bytes() {
        for (length, taken) in [(31, false), (32, true), (33, false)] {
            let bytes = SecretBox::new(vec![7; length].into_boxed_slice());
            assert_eq!(SealingKey::try_new("a", &bytes).is_ok(), taken, "{length}");
        }
    }
}
