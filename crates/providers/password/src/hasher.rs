//! Hashes passwords with Argon2id (RFC 9106) and the parameters that OWASP's password storage cheat sheet
//! recommends first: 19 MiB, two passes, one lane. A hash is a PHC string with its own parameters and salt,
//! so parameters can be raised: a hash with other parameters can still be compared, and is reported as old.
//!
//! A pepper is a secret of the configuration that is part of every hash, so that a copy of the database
//! alone is not enough to guess passwords. Its name is in the PHC string (`keyid`), so that the pepper can
//! be changed while hashes with the previous one can still be compared.

use crate::memory::Memory;
use argon2::{
    Algorithm, Argon2, KeyId, Params, ParamsBuilder, Version,
    password_hash::{
        phc::{self, Output, ParamsString, Salt},
        try_generate_salt,
    },
};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use tryzore_auth::{IdentityError, PasswordHash};

/// The memory of a hash in KiB.
pub const MEMORY_KIB: u32 = 19_456;
/// The number of passes over the memory.
pub const PASSES: u32 = 2;
/// The number of lanes.
pub const LANES: u32 = 1;

/// A secret of the configuration that is part of every hash.
#[derive(Debug)]
pub struct Pepper {
    id: KeyId,
    secret: SecretBox<[u8]>,
}

impl Pepper {
    /// Creates a pepper of at least 16 bytes with the name `id`, which has 1 to 8 bytes and must never be used
    /// for another secret.
    ///
    /// # Errors
    /// [`IdentityError::Broken`] for a name or a secret of the wrong length.
    pub fn try_new(id: &str, secret: Vec<u8>) -> Result<Self, IdentityError> {
        let key_id = KeyId::new(id.as_bytes())
            .ok()
            .filter(|key_id| !key_id.is_empty() && secret.len() >= 16)
            .ok_or_else(|| {
                IdentityError::Broken("a pepper has a name of 1 to 8 bytes and at least 16 bytes".to_owned())
            })?;
        Ok(Self { id: key_id, secret: SecretBox::new(secret.into_boxed_slice()) })
    }
}

/// Hashes and compares passwords.
#[derive(Debug)]
pub struct Hasher {
    /// The first pepper is used for new hashes.
    peppers: Vec<Pepper>,
    memory: Memory,
}

/// The result of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The password is wrong.
    Wrong,
    /// The password is right.
    Right,
    /// The password is right, but its hash has other parameters or another pepper than new hashes.
    RightAndOld,
}

impl Hasher {
    /// Creates a hasher. New hashes use the first of `peppers`; the others are for comparisons only.
    #[must_use]
    pub fn new(peppers: Vec<Pepper>) -> Self {
        Self { peppers, memory: Memory::default() }
    }

    /// Hashes `password` with a new salt. This takes tens of milliseconds of a core.
    ///
    /// # Errors
    /// [`IdentityError::Broken`] if the operating system provides no random bits.
    pub fn hash(&self, password: &SecretString) -> Result<PasswordHash, IdentityError> {
        let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
        let ours = params(self.peppers.first())?;
        let argon2 = argon2(self.peppers.first(), algorithm, version, ours.clone())?;
        let salt = Salt::new(&try_generate_salt().map_err(broken)?).map_err(broken)?;
        let hash = phc::PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&ours).map_err(broken)?,
            hash: Some(self.output(&argon2, password, &salt, Params::DEFAULT_OUTPUT_LEN)?),
            salt: Some(salt),
        };
        Ok(PasswordHash::new(hash.to_string()))
    }

    /// Compares `password` with a hash. This takes as long as hashing.
    ///
    /// # Errors
    /// [`IdentityError::Broken`] for a text that is not a hash, or a hash whose pepper is not configured.
    pub fn compare(&self, password: &SecretString, kept: &PasswordHash) -> Result<Comparison, IdentityError> {
        let parsed = phc::PasswordHash::new(kept.as_str()).map_err(broken)?;
        let (Some(salt), Some(hash)) = (&parsed.salt, &parsed.hash) else {
            return Err(broken("a stored hash has no salt or no hash"));
        };
        let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).map_err(broken)?;
        let version = parsed.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(broken)?;
        let theirs = Params::try_from(&parsed).map_err(broken)?;
        let pepper = match theirs.keyid() {
            [] => None,
            id => Some(self.peppers.iter().find(|pepper| pepper.id.as_bytes() == id).ok_or_else(|| {
                IdentityError::Broken("a stored hash names a pepper that is not configured".to_owned())
            })?),
        };
        let argon2 = argon2(pepper, algorithm, version, theirs.clone())?;
        // This comparison takes the same time wherever the hashes differ.
        if self.output(&argon2, password, salt, hash.len())? != *hash {
            return Ok(Comparison::Wrong);
        }
        Ok(if self.is_todays(&parsed, &theirs)? { Comparison::Right } else { Comparison::RightAndOld })
    }

    fn output(
        &self,
        argon2: &Argon2<'_>,
        password: &SecretString,
        salt: &Salt,
        length: usize,
    ) -> Result<Output, IdentityError> {
        let mut buffer = [0; Output::MAX_LENGTH];
        let output = buffer.get_mut(..length).ok_or_else(|| broken("a stored hash is too long"))?;
        let password = password.expose_secret().as_bytes();
        self.memory
            .with(argon2.params().block_count(), |blocks| {
                argon2.hash_password_into_with_memory(password, salt, output, blocks)
            })
            .map_err(broken)?;
        Output::new(output).map_err(broken)
    }

    fn is_todays(&self, parsed: &phc::PasswordHash, theirs: &Params) -> Result<bool, IdentityError> {
        let ours = params(self.peppers.first())?;
        let costs = |p: &Params| (p.m_cost(), p.t_cost(), p.p_cost(), p.keyid().to_vec());
        Ok(parsed.algorithm == Algorithm::Argon2id.ident()
            && parsed.version == Some(Version::V0x13.into())
            && costs(theirs) == costs(&ours))
    }
}

fn argon2(
    pepper: Option<&Pepper>,
    algorithm: Algorithm,
    version: Version,
    params: Params,
) -> Result<Argon2<'_>, IdentityError> {
    match pepper {
        None => Ok(Argon2::new(algorithm, version, params)),
        Some(pepper) => {
            let secret = pepper.secret.expose_secret();
            Argon2::new_with_secret(secret, algorithm, version, params).map_err(broken)
        }
    }
}

fn params(pepper: Option<&Pepper>) -> Result<Params, IdentityError> {
    let mut builder = ParamsBuilder::new();
    builder.m_cost(MEMORY_KIB).t_cost(PASSES).p_cost(LANES);
    if let Some(pepper) = pepper {
        builder.keyid(pepper.id);
    }
    builder.build().map_err(broken)
}

// Errors of this library mention parameters and formats, never the password.
fn broken(error: impl std::fmt::Display) -> IdentityError {
    IdentityError::Broken(format!("argon2: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    fn pepper(id: &str) -> Pepper {
        Pepper::try_new(id, id.repeat(16).into_bytes()).unwrap()
    }

    #[test]
    fn hashes_have_the_owasp_parameters_and_a_new_salt_each() {
        let hasher = Hasher::new(Vec::new());
        let [one, two] = [(); 2].map(|()| hasher.hash(&secret("correct horse")).unwrap());
        assert!(one.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.as_str());
        assert_ne!(one, two);
        assert_eq!(hasher.compare(&secret("correct horse"), &one), Ok(Comparison::Right));
        assert_eq!(hasher.compare(&secret("correct horsf"), &one), Ok(Comparison::Wrong));
    }

    /// A hash from the tests of the reference implementation (phc-winner-argon2, `src/test.c`): 64 MiB.
    const FOREIGN: &str =
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    #[test]
    fn a_hash_with_other_parameters_can_be_compared_and_is_old() {
        let foreign = PasswordHash::new(FOREIGN.to_owned());
        let hasher = Hasher::new(Vec::new());
        assert_eq!(hasher.compare(&secret("password"), &foreign), Ok(Comparison::RightAndOld));
        assert_eq!(hasher.compare(&secret("passwore"), &foreign), Ok(Comparison::Wrong));
    }

    #[test]
    fn a_pepper_is_needed_and_can_be_changed() {
        let old = Hasher::new(vec![pepper("a")]).hash(&secret("correct horse")).unwrap();
        let plain = Hasher::new(Vec::new()).hash(&secret("correct horse")).unwrap();
        let both = Hasher::new(vec![pepper("b"), pepper("a")]);
        assert_eq!(both.compare(&secret("correct horse"), &old), Ok(Comparison::RightAndOld));
        assert_eq!(both.compare(&secret("correct horse"), &plain), Ok(Comparison::RightAndOld));
        let new = both.hash(&secret("correct horse")).unwrap();
        assert_eq!(both.compare(&secret("correct horse"), &new), Ok(Comparison::Right));
        let without = Hasher::new(Vec::new()).compare(&secret("correct horse"), &old);
        assert!(matches!(without, Err(IdentityError::Broken(_))));
        let other = Pepper::try_new("a", b"another secret..".to_vec()).unwrap();
        let swapped = Hasher::new(vec![other]).compare(&secret("correct horse"), &old);
        assert_eq!(swapped, Ok(Comparison::Wrong));
    }

    #[test]
    fn a_pepper_has_a_name_and_sixteen_bytes() {
        for (id, bytes, taken) in [
            ("a", 16, true),
            ("a", 15, false),
            ("", 16, false),
            ("12345678", 16, true),
            ("123456789", 16, false),
        ] {
            assert_eq!(Pepper::try_new(id, vec![7; bytes]).is_ok(), taken, "{id} {bytes}");
        }
    }

    #[test]
    fn a_broken_stored_hash_is_an_internal_error() {
        for text in ["", "password", "$argon2id$v=19$m=19456", "$2b$12$abcdefghijklmnopqrstuv"] {
            let kept = PasswordHash::new(text.to_owned());
            let answer = Hasher::new(Vec::new()).compare(&secret("password"), &kept);
            assert!(matches!(answer, Err(IdentityError::Broken(_))), "{text}: {answer:?}");
        }
    }
}
