//! Giving up onboarding, or starting over.

use super::{
    OnboardingSession, OnboardingStore, Progress, Started, account::ensure_owner, session::Account,
    start::lock, step::Details,
};
use crate::{Minted, OwnerAccounts, UseCaseError, Verified};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::Denial;

/// Deletes the session of `token`. An owner account that the session created stays for a week, in case its
/// owner comes back.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `onboarding.session.complete` or
/// `onboarding.session.expired`.
pub async fn abandon<T: OnboardingStore>(
    tx: &mut T,
    token: &SecretString,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let session = lock(tx, token, now).await?;
    if matches!(session.progress, Progress::Complete { .. }) {
        return Err(Denial::state("onboarding.session.complete")
            .because("session.current_step", session.progress.as_str())
            .remedy("The tenant is open; close it from its settings.", None)
            .into());
    }
    Ok(tx.onboarding_delete(session.id).await?)
}

/// Deletes the unfinished sessions of `verified` and starts a new session at the locations step: a verified
/// user has an account already (ONB-07 `cleanup_and_retry`).
///
/// # Errors
/// [`UseCaseError::Denied`] with `onboarding.account.already_onboarded`.
pub async fn start_over<T: OnboardingStore + OwnerAccounts>(
    tx: &mut T,
    verified: &Verified,
    bits: [u8; 32],
    now: DateTime<Utc>,
) -> Result<Started, UseCaseError> {
    // Sessions are locked before their owner account, here as in every other step: two transactions that
    // lock them in opposite orders would deadlock.
    tx.onboarding_discard_of(verified.user, &verified.email).await?;
    let owner = ensure_owner(tx, verified, now).await?;
    let minted = Minted::onboarding(bits);
    let details = Details { name: verified.name.clone(), email: verified.email.clone() };
    let session = OnboardingSession {
        details: Some(details),
        progress: Progress::AccountCreated(Some(Account { owner: owner.id, user: verified.user })),
        ..OnboardingSession::new(minted.hash, now)
    };
    tx.onboarding_insert(&session).await?;
    Ok(Started { session, token: minted.text })
}
