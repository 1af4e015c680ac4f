//! Starting and resuming onboarding (ONB-02, ONB-03).

use super::{OnboardingSession, OnboardingStore};
use crate::{Minted, TokenHash, UseCaseError};
use chrono::{DateTime, Utc};
use secrecy::SecretString;

/// A session that was just started.
#[derive(Debug, Clone)]
pub struct Started {
    /// The session.
    pub session: OnboardingSession,
    /// The token of the session, which is shown only this once.
    pub token: SecretString,
}

/// Starts a session. `bits` are 256 fresh random bits.
///
/// # Errors
/// When the store fails.
pub async fn start<T: OnboardingStore>(
    tx: &mut T,
    bits: [u8; 32],
    now: DateTime<Utc>,
) -> Result<Started, UseCaseError> {
    let minted = Minted::onboarding(bits);
    let session = OnboardingSession::new(minted.hash, now);
    tx.onboarding_insert(&session).await?;
    Ok(Started { session, token: minted.text })
}

/// The session of `token`, for resuming it.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `onboarding.session.expired`.
pub async fn resume<T: OnboardingStore>(
    tx: &mut T,
    token: &SecretString,
    now: DateTime<Utc>,
) -> Result<OnboardingSession, UseCaseError> {
    let found = tx.onboarding_find_by_token(&TokenHash::of(token)).await?;
    let session = found.ok_or(UseCaseError::NotFound("session"))?;
    session.check_alive(now)?;
    Ok(session)
}

/// The live session of `token`, locked.
pub(super) async fn lock<T: OnboardingStore>(
    tx: &mut T,
    token: &SecretString,
    now: DateTime<Utc>,
) -> Result<OnboardingSession, UseCaseError> {
    let found = tx.onboarding_lock(&TokenHash::of(token)).await?;
    let session = found.ok_or(UseCaseError::NotFound("session"))?;
    session.check_alive(now)?;
    Ok(session)
}
