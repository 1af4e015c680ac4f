//! Encrypts the secrets of second factors with the keys that encrypt private keys, bound to the factor's id.

use crate::{SealError, SealingKeys, seal::Sealed};
use secrecy::SecretBox;
use tryzore_auth::{FactorSeal, SealedSecret};
use tryzore_kernel::{FactorId, StoreError, StoreResult};

impl FactorSeal for SealingKeys {
    fn factor_seal(&self, factor: FactorId, secret: &[u8]) -> StoreResult<SealedSecret> {
        let Sealed { with, bytes } = self.seal(&factor.to_string(), secret).map_err(broken)?;
        Ok(SealedSecret { with, bytes })
    }

    fn factor_open(&self, factor: FactorId, sealed: &SealedSecret) -> StoreResult<SecretBox<[u8]>> {
        let sealed = Sealed { with: sealed.with.clone(), bytes: sealed.bytes.clone() };
        self.open(&factor.to_string(), &sealed).map_err(broken)
    }
}

fn broken(error: SealError) -> StoreError {
    StoreError::Broken(format!("the secret of a second factor: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sealing;
    use chrono::DateTime;
    use secrecy::ExposeSecret;

    #[test]
    fn a_secret_opens_only_for_its_own_factor_and_moves_to_the_current_key() {
        let (mine, other) =
            (FactorId::generate(DateTime::UNIX_EPOCH), FactorId::generate(DateTime::UNIX_EPOCH));
        let sealed = sealing(&["a"]).factor_seal(mine, b"secret").unwrap();
        let both = sealing(&["b", "a"]);
        assert_eq!(both.factor_open(mine, &sealed).unwrap().expose_secret(), b"secret");
        assert!(both.factor_open(other, &sealed).is_err(), "copied to another row");
        assert_eq!(both.factor_seal(mine, b"secret").unwrap().with, "b");
        assert!(sealing(&["b"]).factor_open(mine, &sealed).is_err(), "its key is not configured any more");
    }
}
