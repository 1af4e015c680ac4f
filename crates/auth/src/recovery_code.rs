//! Recovery codes: for whoever has lost the factor. Ten of them, each of which works once.
//!
//! A code has 80 random bits, so a stored SHA-256 cannot be reversed by trying. The user is part of the hash.

use crate::{Secrets, TokenHash};
use secrecy::{ExposeSecret, SecretString};
use tryzore_kernel::{StoreResult, UserId};

/// How many codes a user gets at once.
pub const CODES: usize = 10;

// No letter that looks like a digit, and none twice.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// Recovery codes that were just made: the only moment at which their texts are known.
#[derive(Debug, Clone)]
pub struct MadeCodes {
    /// The texts for the user.
    pub texts: Vec<SecretString>,
    /// The hashes, which are stored.
    pub hashes: Vec<TokenHash>,
}

impl MadeCodes {
    /// New codes for `user`.
    ///
    /// # Errors
    /// Those of [`Secrets::secret_generate`].
    pub fn try_new(user: UserId, secrets: &impl Secrets) -> StoreResult<Self> {
        let texts = (0..CODES).map(|_| secrets.secret_generate().map(|bits| text(&bits)));
        let texts = texts.collect::<StoreResult<Vec<_>>>()?;
        let hashes = texts.iter().map(|text| hash(user, text)).collect();
        Ok(Self { texts, hashes })
    }
}

/// `xxxx-xxxx-xxxx-xxxx`, from 16 of the bytes.
fn text(bits: &[u8; 32]) -> SecretString {
    let letters: Vec<String> = bits[..16]
        .chunks(4)
        .map(|four| four.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect())
        .collect();
    SecretString::from(letters.join("-"))
}

/// The hash of the code `typed` of `user`, whatever its case, dashes and spaces.
#[must_use]
pub fn hash(user: UserId, typed: &SecretString) -> TokenHash {
    let code: String = typed
        .expose_secret()
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    TokenHash::of(&SecretString::from(format!("recovery code\n{}\n{code}", user.uuid())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Counting, NOW, secret};

    #[test]
    fn ten_codes_of_80_bits_which_all_differ() {
        let (ada, eve) = (UserId::generate(NOW), UserId::generate(NOW));
        let made = MadeCodes::try_new(ada, &Counting::default()).unwrap();
        assert_eq!((made.texts.len(), made.hashes.len()), (10, 10));
        for (nth, text) in made.texts.iter().enumerate() {
            let text = text.expose_secret();
            assert!(text.len() == 19 && text.split('-').all(|four| four.len() == 4), "{text}");
            assert!(!made.hashes[..nth].contains(&made.hashes[nth]));
            assert_eq!(hash(ada, &secret(&text.to_uppercase().replace('-', " "))), made.hashes[nth]);
            assert_ne!(hash(eve, &secret(text)), made.hashes[nth], "a code is one user's");
        }
        assert!(!format!("{made:?}").contains(made.texts[0].expose_secret()), "a code is never printed");
    }
}
