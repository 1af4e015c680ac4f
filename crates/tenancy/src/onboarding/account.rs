//! The second step: an account with a password (ONB-05, ruling (b)).
//!
//! The password goes through [`Accounts`] and is kept by whoever keeps passwords. No transaction is
//! open meanwhile:
//!
//! ```text
//! admit (transaction) -> Admission::Open(request) -> request.open (none) -> settle (transaction)
//!                                                                      \-> discard, when settling fails
//! ```
//! Someone who is signed in skips the middle: [`Opened::signed_in`].

use super::{
    Accounts, AccountsError, OnboardingBook, OnboardingSession,
    ports::OpenedAccount,
    session::{Account, Verified},
    start::lock,
    step::{Details, Step, StepResponse},
};
use crate::{Invalid, OwnerAccount, OwnerAccounts, TenancyError};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use tryzore_kernel::{Denial, StoreError};

/// What opens an account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The password that is chosen.
    pub password: SecretString,
    /// What the mail carried; who keeps the accounts says whether it is needed.
    #[serde(default)]
    pub proof: Option<SecretString>,
}

/// Whether an account is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// There is one already: the step is taken.
    Done(StepResponse),
    /// It is to be opened for whoever gave these details.
    Open(AccountRequest),
}

/// An account that is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRequest {
    details: Details,
}

/// An account that was opened, or found, and whose address is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened(OpenedAccount);

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
        (None, Some(details)) => Admission::Open(AccountRequest { details }),
        _ => Admission::Done(session.response(token)),
    })
}

impl AccountRequest {
    /// Opens the account. The inner error is the answer to a password or proof that is not taken.
    ///
    /// # Errors
    /// [`TenancyError::Unavailable`].
    pub async fn open<A: Accounts>(
        &self,
        accounts: &A,
        credentials: &Credentials,
        token: &SecretString,
    ) -> Result<Result<Opened, StepResponse>, TenancyError> {
        match accounts.account_open(&self.details, credentials).await {
            Ok(opened) => Ok(Ok(Opened(opened))),
            Err(AccountsError::Rejected(field)) => {
                Ok(Err(OnboardingSession::refusal(Step::Account, Invalid(vec![field]), token)))
            }
            Err(AccountsError::Unavailable(why)) => Err(TenancyError::Unavailable(why)),
        }
    }
}

impl Opened {
    /// The account of someone who is signed in with a proven address.
    #[must_use]
    pub fn signed_in(verified: &Verified) -> Self {
        Self(OpenedAccount { user: verified.user, email: verified.email.clone(), is_new: false })
    }

    /// Takes back what [`AccountRequest::open`] has made, because settling failed. An account that
    /// was there before stays.
    ///
    /// # Errors
    /// [`TenancyError::Unavailable`].
    pub async fn discard<A: Accounts>(&self, accounts: &A) -> Result<(), TenancyError> {
        if !self.0.is_new {
            return Ok(());
        }
        accounts
            .account_discard(self.0.user)
            .await
            .map_err(|error| TenancyError::Unavailable(error.to_string()))
    }
}

/// Takes the second step with an account that was opened: the owner account is made, or the one
/// that was never finished is taken up.
///
/// # Errors
/// [`TenancyError::NotFound`]; [`TenancyError::Denied`] with `onboarding.session.*`,
/// `onboarding.account.other_email`, `onboarding.account.other_user`, or
/// `onboarding.account.already_onboarded`.
pub async fn settle<T: OnboardingBook + OwnerAccounts>(
    tx: &mut T,
    token: &SecretString,
    opened: &Opened,
    now: DateTime<Utc>,
) -> Result<StepResponse, TenancyError> {
    let session = lock(tx, token, now).await?;
    session.admit(Step::Account)?;
    let Opened(OpenedAccount { user, email, .. }) = opened;
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
