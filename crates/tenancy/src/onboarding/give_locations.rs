//! The third step: the first locations (ONB-05).

use super::{
    OnboardingSession, OnboardingStore,
    start::lock,
    step::{LocationsForm, Step, StepResponse},
};
use crate::UseCaseError;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

/// Stores the locations; they are opened when onboarding completes.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `onboarding.session.*` or
/// `onboarding.step.out_of_order`.
pub async fn give_locations<T: OnboardingStore>(
    tx: &mut T,
    token: &SecretString,
    form: LocationsForm,
    now: DateTime<Utc>,
) -> Result<StepResponse, UseCaseError> {
    let session = lock(tx, token, now).await?;
    session.admit(Step::Locations)?;
    if let Err(invalid) = form.check() {
        return Ok(OnboardingSession::refusal(Step::Locations, invalid, token));
    }
    let session = session.with_locations(form, now)?;
    tx.onboarding_update(&session).await?;
    Ok(session.response(token))
}
