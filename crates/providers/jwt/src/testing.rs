//! Shared by the tests of this crate.

use crate::seal::{SealingKey, SealingKeys};
use chrono::{DateTime, Utc};
use secrecy::SecretBox;
use tryzore_auth::ports::{SigningKey, SigningKeyState, SigningKeys};
use tryzore_kernel::StoreResult;

pub(crate) const NOW: DateTime<Utc> = DateTime::from_timestamp_nanos(1_790_000_000_000_000_000);

/// Sealing keys with these names; the same name always means the same key.
pub(crate) fn sealing(names: &[&str]) -> SealingKeys {
    let key = |name: &&str| {
        let bytes = SecretBox::new(name.repeat(32).into_bytes()[..32].into());
        SealingKey::try_new(*name, &bytes).unwrap()
    };
    SealingKeys::try_new(names.iter().map(key).collect()).unwrap()
}

/// The table of key pairs, in memory.
#[derive(Default)]
pub(crate) struct Keys(pub(crate) Vec<SigningKey>);

impl SigningKeys for Keys {
    async fn signing_key_lock_all(&mut self) -> StoreResult<Vec<SigningKey>> {
        Ok(self.0.clone())
    }
    async fn signing_key_list(&mut self) -> StoreResult<Vec<SigningKey>> {
        Ok(self.0.clone())
    }
    async fn signing_key_insert(&mut self, key: &SigningKey) -> StoreResult<()> {
        self.0.push(key.clone());
        Ok(())
    }
    async fn signing_key_update(&mut self, kid: &str, state: SigningKeyState) -> StoreResult<()> {
        self.0.iter_mut().filter(|key| key.kid == kid).for_each(|key| key.state = state);
        Ok(())
    }
    async fn signing_key_delete(&mut self, kid: &str) -> StoreResult<()> {
        self.0.retain(|key| key.kid != kid);
        Ok(())
    }
}
