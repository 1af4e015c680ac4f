//! Encrypts pending sign-ins with the keys that encrypt private keys.
//!
//! The text is `tzp_` and base64url of: the length of the key's name in one byte, the name, the sealed bytes.

use crate::{SealingKeys, seal::Sealed};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use tryzore_auth::PendingSeal;
use tryzore_kernel::{StoreError, StoreResult};

const NAME: &str = "pending sign-in";
const PREFIX: &str = "tzp_";

impl PendingSeal for SealingKeys {
    fn pending_seal(&self, text: &[u8]) -> StoreResult<SecretString> {
        let broken = |error: String| StoreError::Broken(format!("a pending sign-in: {error}"));
        let Sealed { with, bytes } = self.seal(NAME, text).map_err(|error| broken(error.to_string()))?;
        let length = u8::try_from(with.len()).map_err(|error| broken(error.to_string()))?;
        let whole: Vec<u8> = std::iter::once(length).chain(with.into_bytes()).chain(bytes).collect();
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(whole)).into())
    }

    fn pending_open(&self, sealed: &SecretString) -> Option<SecretBox<[u8]>> {
        let whole = URL_SAFE_NO_PAD.decode(sealed.expose_secret().strip_prefix(PREFIX)?).ok()?;
        let (length, rest) = whole.split_first()?;
        let (with, bytes) = rest.split_at_checked(usize::from(*length))?;
        let with = String::from_utf8(with.to_vec()).ok()?;
        self.open(NAME, &Sealed { with, bytes: bytes.to_vec() }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sealing;

    fn open(keys: &SealingKeys, text: &str) -> Option<String> {
        let opened = keys.pending_open(&text.to_owned().into())?;
        Some(String::from_utf8(opened.expose_secret().to_vec()).unwrap())
    }

    #[test]
    fn a_text_opens_as_it_was_sealed_also_after_the_key_was_changed() {
        let sealed = sealing(&["a"]).pending_seal(b"token").unwrap();
        let sealed = sealed.expose_secret();
        assert_eq!(open(&sealing(&["a"]), sealed).as_deref(), Some("token"));
        assert_eq!(open(&sealing(&["b", "a"]), sealed).as_deref(), Some("token"));
        assert_eq!(open(&sealing(&["b"]), sealed), None);
        assert!(!sealed.contains("token"));
    }

    #[test]
    fn a_changed_or_made_up_text_does_not_open() {
        let keys = sealing(&["a"]);
        let sealed = keys.pending_seal(b"token").unwrap().expose_secret().to_owned();
        for at in PREFIX.len()..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(open(&keys, &changed), None, "{at}");
        }
        for made_up in ["", "tzp_", "tzp_AA", "tzp_/w", "tzr_AA", &sealed[..20], &sealed[PREFIX.len()..]] {
            assert_eq!(open(&keys, made_up), None, "{made_up}");
        }
    }
}
