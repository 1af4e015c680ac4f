//! Opaque tokens: 256 random bits, shown once, stored as a hash.
//!
//! A token consists of a prefix that names its kind (so that scanners find a leaked token and people paste
//! it into the right field) and 256 bits in base64url.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use tryzore_kernel::{StoreResult, TokenHash};

/// A source of random bits from the operating system.
pub trait Secrets: Send + Sync {
    /// 256 fresh random bits.
    ///
    /// # Errors
    /// [`tryzore_kernel::StoreError::Broken`] when the operating system fails.
    fn secret_generate(&self) -> StoreResult<[u8; 32]>;
}

/// Derives the successors of refresh tokens, so that a repeated request gets the same successor again although
/// only hashes are stored. Only a holder of both the presented token and the key can compute a successor.
pub trait Successors: Send + Sync {
    /// The 256 bits of the successor of `presented`, with the current key.
    fn successor_derive(&self, presented: &SecretString) -> [u8; 32];
    /// The same with each former key, for a token that was used just before the key was changed.
    fn successor_derive_former(&self, presented: &SecretString) -> Vec<[u8; 32]>;
}

/// The kind of a token; its text starts with [`TokenKind::prefix`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A refresh token: gets the next access token.
    Refresh,
    /// A mailed token: proves the mailbox.
    OneTime,
    /// An API key of another service.
    ApiKey,
    /// A sign-in that lacks the second factor.
    Challenge,
}

impl TokenKind {
    /// The start of the text.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "tzr_",
            Self::OneTime => "tzo_",
            Self::ApiKey => "tzk_",
            Self::Challenge => "tzc_",
        }
    }
}

/// A token that was just created: the only moment at which its text is known.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The text for the owner.
    pub text: SecretString,
    /// The hash, which is stored.
    pub hash: TokenHash,
}

impl Minted {
    /// A new token of `kind`; `label` is the text between the prefix and the secret.
    ///
    /// # Errors
    /// Those of [`Secrets::secret_generate`].
    pub fn try_new(kind: TokenKind, label: &str, secrets: &impl Secrets) -> StoreResult<Self> {
        Ok(Self::of(kind, label, secrets.secret_generate()?))
    }

    /// The token of `kind` with these bits.
    pub(crate) fn of(kind: TokenKind, label: &str, bits: [u8; 32]) -> Self {
        let text = SecretString::from(format!("{}{label}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(bits)));
        Self { hash: TokenHash::of(&text), text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counting;
    use secrecy::ExposeSecret;

    #[test]
    fn a_token_has_256_bits_and_only_its_hash_is_stored() {
        let minted = Minted::try_new(TokenKind::Refresh, "", &Counting::default()).unwrap();
        let text = minted.text.expose_secret();
        assert_eq!(text.len(), "tzr_".len() + 43, "32 bytes in base64url");
        assert_eq!(minted.hash, TokenHash::of(&minted.text));
        assert!(!format!("{minted:?}").contains(&text[4..]), "a token is never printed");
    }
}
