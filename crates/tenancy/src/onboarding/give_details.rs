//! The first step: the name and address of the person who wants an account (ONB-05).

use super::{
    OnboardingSession, OnboardingStore,
    start::lock,
    step::{DetailsForm, Step, StepResponse},
};
use crate::{UseCaseError, domain_event::OnboardingDetailsGiven};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::Journal;
use tryzore_rbac::DomainEvent;

/// Stores name and address. A mail always goes to the address, whether the address is known or not, and
/// carries the proof for the next step; the answer is the same in both cases.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `onboarding.session.*` or
/// `onboarding.details.email_fixed`.
pub async fn give_details<T: OnboardingStore + Journal>(
    tx: &mut T,
    token: &SecretString,
    form: &DetailsForm,
    now: DateTime<Utc>,
) -> Result<StepResponse, UseCaseError> {
    let session = lock(tx, token, now).await?;
    let details = match form.check() {
        Ok(details) => details,
        Err(invalid) => return Ok(OnboardingSession::refusal(Step::Details, invalid, token)),
    };
    let mail = session.account().is_none();
    let session = session.with_details(details, now)?;
    tx.onboarding_update(&session).await?;
    if mail {
        tx.event_publish(OnboardingDetailsGiven { onboarding: session.id }.published(now));
    }
    Ok(session.response(token))
}
