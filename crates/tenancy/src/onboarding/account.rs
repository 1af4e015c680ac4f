//! The second step: an account with a password (ONB-05, ruling (b)).
//!
//! The password is chosen at whoever keeps passwords, by who holds what the mail carried. No
//! transaction is open meanwhile:
//!
//! ```text
//! admit (transaction) -> Admission::Open(details) -> a password is chosen (none) -> settle (transaction)
//! ```
//! The transaction that settles is also the one in which the password comes into force. So both
//! happen or neither does: whoever is refused here keeps the password of before, and nothing has to
//! be taken back. Someone who is signed in needs no password and goes straight to `settle`.

use super::{
    OnboardingBook,
    session::{Account, Verified},
    start::lock,
    step::{Details, Step, StepResponse},
};
use crate::{OwnerAccount, OwnerAccounts, TenancyError};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use tryzore_kernel::{Denial, StoreError};

/// The second step, as a caller sends it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The password that is chosen.
    pub password: SecretString,
    /// What the mail carried.
    pub proof: SecretString,
}

/// Whether an account is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// There is one already: the step is taken.
    Done(StepResponse),
    /// It is to be opened for whoever gave these details.
    Open(Details),
}

/// Whether the second step may be taken.
///
/// # Errors
/// [`TenancyError::NotFound`]; [`TenancyError::Denied`] with `onboarding.session.*` or
/// `onboarding.step.out_of_order`.
pub async fn admit<T: OnboardingBook>(
    tx: &mut T,
    token: &SecretString,
    now: DateTime<Utc>,
) -> Result<Admission, TenancyError> {
    let session = super::resume(tx, token, now).await?;
    session.admit(Step::Account)?;
    Ok(match (session.account(), session.details.clone()) {
        (None, Some(details)) => Admission::Open(details),
        _ => Admission::Done(session.response(token)),
    })
}

/// Takes the second step for who is `verified`: the owner account is made, or the one that was never
/// finished is taken up. The owner is called as the first step says.
///
/// # Errors
/// [`TenancyError::NotFound`]; [`TenancyError::Denied`] with `onboarding.session.*`,
/// `onboarding.account.other_email`, `onboarding.account.other_user`, or
/// `onboarding.account.already_onboarded`.
pub async fn settle<T: OnboardingBook + OwnerAccounts>(
    tx: &mut T,
    token: &SecretString,
    verified: &Verified,
    now: DateTime<Utc>,
) -> Result<StepResponse, TenancyError> {
    let session = lock(tx, token, now).await?;
    session.admit(Step::Account)?;
    let Verified { user, email, .. } = verified;
    // A wrong address makes no owner account.
    let Some(details) = session.details.clone().filter(|details| details.email == *email) else {
        let nobody = Account { owner: tryzore_kernel::OwnerAccountId::generate(now), user: *user };
        return Err(session.with_account(nobody, email, now).err().map_or(TenancyError::Stale, Into::into));
    };
    let verified = Verified { user: *user, email: email.clone(), name: details.name };
    let owner = ensure_owner(tx, &verified, now).await?;
    let session = session.with_account(Account { owner: owner.id, user: *user }, email, now)?;
    tx.onboarding_update(&session).await?;
    Ok(session.response(token))
}

/// The owner account of `verified`, made or taken up.
pub(super) async fn ensure_owner<T: OwnerAccounts>(
    tx: &mut T,
    verified: &Verified,
    now: DateTime<Utc>,
) -> Result<OwnerAccount, TenancyError> {
    let known = match tx.owner_lock_by_user(verified.user).await? {
        Some(owner) => Some(owner),
        None => tx.owner_lock_by_email(&verified.email).await?,
    };
    match known {
        // Who is told this has proven the mailbox.
        Some(owner) if owner.is_onboarded() => Err(Denial::state("onboarding.account.already_onboarded")
            .because("owner.onboarding_completed_at", owner.onboarding_completed_at)
            .remedy("Sign in; further locations are opened from there.", Some("auth.login"))
            .into()),
        Some(mut owner) => {
            if owner.user != Some(verified.user) {
                owner.user = Some(verified.user);
                owner.updated_at = now;
                tx.owner_update(&owner).await?;
            }
            Ok(owner)
        }
        None => {
            let owner = OwnerAccount::new(verified.user, verified.email.clone(), verified.name.clone(), now);
            if !tx.owner_insert(&owner).await? {
                return Err(StoreError::Conflict("owner_accounts".into()).into());
            }
            Ok(owner)
        }
    }
}
