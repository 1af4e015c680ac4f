//! Random bits from the operating system, through the crypto library of the product.

use tryzore_auth::Secrets;
use tryzore_kernel::{StoreError, StoreResult};

/// A source of random bits from the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemSecrets;

impl Secrets for SystemSecrets {
    fn secret_generate(&self) -> StoreResult<[u8; 32]> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes)
            .map_err(|_| StoreError::Broken("the operating system provides no random bits".to_owned()))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_returns_the_same_bits_twice() {
        let [one, two] = [(); 2].map(|()| SystemSecrets.secret_generate().unwrap());
        assert_ne!(one, two);
        assert_ne!(one, [0; 32]);
    }
}
