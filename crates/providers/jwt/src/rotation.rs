//! The rotation of key pairs.
//!
//! One pair always signs, and another one is published and will sign next. A rotation promotes the next
//! pair, retires the current one and creates a new next one. Every process reloads the keys every
//! [`RELOAD_EVERY`], so all processes know a pair long before it signs. A retired pair verifies until the
//! last token has expired that a process could have signed with it before reloading.
//!
//! Each process runs the rotation when it starts and whenever it reloads the keys; running it too often
//! changes nothing.

use crate::{
    key_pair::generate,
    seal::{SealError, SealingKeys},
    token::SKEW,
};
use chrono::{DateTime, TimeDelta, Utc};
use tryzore_auth::{
    claims::ACCESS_LIFE,
    ports::{SigningKey, SigningKeyState, SigningKeys},
};
use tryzore_kernel::StoreError;

/// How long a pair signs.
pub const ROTATE_EVERY: TimeDelta = TimeDelta::days(90);
/// How often each process must reload the keys.
pub const RELOAD_EVERY: TimeDelta = TimeDelta::minutes(10);

/// The result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// There were no keys; the first two were created.
    Begun,
    /// The next pair has become the current one.
    Rotated,
    /// No rotation is due yet.
    NotDue,
}

/// The reason why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The new key could not be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Creates the first keys, or rotates if the current pair has signed for `every`. Deletes retired pairs that
/// no longer verify.
///
/// # Errors
/// [`RotationError`].
pub async fn rotate_when_due<T: SigningKeys>(
    tx: &mut T,
    sealing: &SealingKeys,
    every: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Rotation, RotationError> {
    let keys = tx.signing_key_lock_all().await?;
    for key in &keys {
        if matches!(key.state, SigningKeyState::Retired { until } if until <= now) {
            tx.signing_key_delete(&key.kid).await?;
        }
    }
    let Some((current, since)) = find_current(&keys) else {
        tx.signing_key_insert(&generate(sealing, SigningKeyState::Current { since: now }, now)?).await?;
        tx.signing_key_insert(&generate(sealing, SigningKeyState::Next, now)?).await?;
        return Ok(Rotation::Begun);
    };
    let next = keys.iter().find(|key| key.state == SigningKeyState::Next);
    let Some(next) = next else {
        tx.signing_key_insert(&generate(sealing, SigningKeyState::Next, now)?).await?;
        return Ok(Rotation::NotDue);
    };
    // A pair that some process may not have loaded yet must not sign, however short the period is.
    if now - since < every || now - next.created_at < RELOAD_EVERY {
        return Ok(Rotation::NotDue);
    }
    let until = now + ACCESS_LIFE + RELOAD_EVERY + SKEW;
    tx.signing_key_update(&current.kid, SigningKeyState::Retired { until }).await?;
    tx.signing_key_update(&next.kid, SigningKeyState::Current { since: now }).await?;
    tx.signing_key_insert(&generate(sealing, SigningKeyState::Next, now)?).await?;
    Ok(Rotation::Rotated)
}

fn find_current(keys: &[SigningKey]) -> Option<(&SigningKey, DateTime<Utc>)> {
    keys.iter().find_map(|key| match key.state {
        SigningKeyState::Current { since } => Some((key, since)),
        SigningKeyState::Next | SigningKeyState::Retired { .. } => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Keys, NOW, sealing};
    use futures::executor::block_on;

    fn run(keys: &mut Keys, now: DateTime<Utc>) -> Rotation {
        block_on(rotate_when_due(keys, &sealing(&["a"]), ROTATE_EVERY, now)).unwrap()
    }

    #[test]
    fn begins_once_and_rotates_when_due_and_not_before() {
        let mut keys = Keys::default();
        assert_eq!(run(&mut keys, NOW), Rotation::Begun);
        let next = keys.0[1].kid.clone();
        assert_eq!(run(&mut keys, NOW), Rotation::NotDue);
        assert_eq!(run(&mut keys, NOW + ROTATE_EVERY - TimeDelta::microseconds(1)), Rotation::NotDue);
        let then = NOW + ROTATE_EVERY;
        assert_eq!(run(&mut keys, then), Rotation::Rotated);
        assert_eq!(find_current(&keys.0).map(|(key, since)| (key.kid.clone(), since)), Some((next, then)));
        assert_eq!(run(&mut keys, then), Rotation::NotDue);
        assert_eq!(keys.0.len(), 3);
    }

    #[test]
    fn a_retired_pair_verifies_until_its_last_token_expires() {
        let mut keys = Keys::default();
        run(&mut keys, NOW);
        let then = NOW + ROTATE_EVERY;
        run(&mut keys, then);
        let until = then + TimeDelta::seconds(3600 + 600 + 30);
        assert_eq!(keys.0[0].state, SigningKeyState::Retired { until });
        run(&mut keys, until - TimeDelta::microseconds(1));
        assert_eq!(keys.0.len(), 3);
        run(&mut keys, until);
        assert_eq!(keys.0.len(), 2);
    }

    #[test]
    fn a_pair_does_not_sign_before_every_process_has_loaded_it() {
        let mut keys = Keys::default();
        let sealing = sealing(&["a"]);
        let mut at = |after: TimeDelta| {
            block_on(rotate_when_due(&mut keys, &sealing, TimeDelta::zero(), NOW + after)).unwrap()
        };
        assert_eq!(at(TimeDelta::zero()), Rotation::Begun);
        assert_eq!(at(RELOAD_EVERY - TimeDelta::microseconds(1)), Rotation::NotDue);
        assert_eq!(at(RELOAD_EVERY), Rotation::Rotated);
    }
}
