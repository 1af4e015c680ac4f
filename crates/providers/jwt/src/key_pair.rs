//! One Ed25519 key pair. Its name is the thumbprint of its public key (RFC 7638), so each name belongs to
//! one key only.

use crate::seal::{SealError, Sealed, SealingKeys};
use aws_lc_rs::{
    encoding::AsBigEndian,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::ExposeSecret;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tryzore_auth::ports::{SigningKey, SigningKeyState};

/// A key pair whose private key is decrypted.
pub(crate) struct KeyPair {
    pub(crate) kid: String,
    pub(crate) signing: EncodingKey,
    pub(crate) verifying: DecodingKey,
    public: Vec<u8>,
}

/// A public key in the key set: a JSON Web Key of an octet key pair (RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicKey {
    kty: &'static str,
    crv: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    alg: &'static str,
    /// The name of the key in tokens.
    pub kid: String,
    /// The public key, 32 bytes in base64url.
    pub x: String,
}

/// Generates a key pair and encrypts its private key.
pub(crate) fn generate(
    sealing: &SealingKeys,
    state: SigningKeyState,
    now: DateTime<Utc>,
) -> Result<SigningKey, SealError> {
    let pair = Ed25519KeyPair::generate().map_err(|_| SealError::Failed)?;
    let public = pair.public_key().as_ref().to_vec();
    let kid = thumbprint(&public);
    let seed = pair.seed().map_err(|_| SealError::Failed)?;
    let seed = seed.as_be_bytes().map_err(|_| SealError::Failed)?;
    let Sealed { with, bytes } = sealing.seal(&kid, seed.as_ref())?;
    Ok(SigningKey { kid, public, sealed: bytes, sealed_with: with, state, created_at: now })
}

impl KeyPair {
    /// Decrypts a stored pair. A row that we did not encrypt under this name, or whose public key does not
    /// belong to its private key, is refused: write access to the table is not enough to add keys.
    pub(crate) fn open(row: &SigningKey, sealing: &SealingKeys) -> Result<Self, SealError> {
        let sealed = Sealed { with: row.sealed_with.clone(), bytes: row.sealed.clone() };
        let seed = sealing.open(&row.kid, &sealed)?;
        let pair = Ed25519KeyPair::from_seed_and_public_key(seed.expose_secret(), &row.public)
            .map_err(|_| SealError::Broken)?;
        let document = pair.to_pkcs8v1().map_err(|_| SealError::Failed)?;
        Ok(Self {
            kid: row.kid.clone(),
            signing: EncodingKey::from_ed_der(document.as_ref()),
            verifying: DecodingKey::from_ed_der(&row.public),
            public: row.public.clone(),
        })
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey {
            kty: "OKP",
            crv: "Ed25519",
            usage: "sig",
            alg: "EdDSA",
            kid: self.kid.clone(),
            x: URL_SAFE_NO_PAD.encode(&self.public),
        }
    }
}

fn thumbprint(public: &[u8]) -> String {
    // Only the required members, in lexical order: RFC 7638, section 3; RFC 8037, section 2.
    let x = URL_SAFE_NO_PAD.encode(public);
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(members))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, sealing};

    #[test]
    fn the_name_is_that_of_the_example_in_rfc_8037_appendix_a_3() {
        let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        assert_eq!(thumbprint(&x), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_row_whose_keys_do_not_belong_together_is_refused() {
        let sealing = sealing(&["a"]);
        let [one, two] = [(); 2].map(|()| generate(&sealing, SigningKeyState::Next, NOW).unwrap());
        assert!(KeyPair::open(&one, &sealing).is_ok());
        let swapped = SigningKey { public: two.public.clone(), ..one.clone() };
        let renamed = SigningKey { kid: two.kid.clone(), ..one.clone() };
        let planted = SigningKey { sealed: one.sealed.clone(), ..two };
        for row in [swapped, renamed, planted] {
            assert_eq!(KeyPair::open(&row, &sealing).err(), Some(SealError::Broken));
        }
    }
}
