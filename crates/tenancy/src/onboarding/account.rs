//! The second step: an account with a password (ONB-05, ruling (b)).
//!
//! The password is chosen at the password provider, by whoever holds the proof that the mail carried. No
//! transaction is open meanwhile:
//!
//! ```text
//! admit (transaction) -> the proof (transaction) -> a password is chosen (none) -> settle (transaction)
//! ```
//! [`open`] runs these steps; its [`AccountSetup`] opens the transactions. The transaction that settles
//! also puts the password in force, so both happen or neither does: a person who is refused here keeps
//! their previous password, and nothing has to be undone. A person who is signed in needs no password and
//! goes straight to [`settle`].

use super::{
    AccountSetup, OnboardingSession, OnboardingStore,
    session::Account,
    start::lock,
    step::{Details, Step, StepResponse},
};
use crate::{FieldErrors, OwnerAccount, OwnerAccounts, UseCaseError, Verified};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use tryzore_kernel::{Denial, FieldError, StoreError};

/// The code of the refusal for a signed-in person who has not verified their email address.
pub const EMAIL_UNPROVEN: &str = "onboarding.account.email_unproven";

/// The second step, as a caller sends it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The chosen password.
    pub password: SecretString,
    /// The secret that the mail carried.
    pub proof: SecretString,
}

/// Whether an account is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The account exists already: the step was taken before.
    Done(StepResponse),
    /// An account is to be opened for the person who gave these details.
    Open(Details),
}

/// Checks whether the second step may be taken.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `onboarding.session.*` or
/// `onboarding.step.out_of_order`.
pub async fn admit<T: OnboardingStore>(
    tx: &mut T,
    token: &SecretString,
    now: DateTime<Utc>,
) -> Result<Admission, UseCaseError> {
    let session = super::resume(tx, token, now).await?;
    session.admit(Step::Account)?;
    Ok(match (session.account(), session.details.clone()) {
        (None, Some(details)) => Admission::Open(details),
        _ => Admission::Done(session.response(token)),
    })
}

/// Takes the second step with a proof and a password. The password is chosen for the address that the proof
/// verifies, so a proof for another address than that of the first step is refused before the password is
/// chosen.
///
/// # Errors
/// Those of [`admit`] and [`settle`], and those of `setup`. A proof that is no longer valid and a password
/// that breaks a rule are not errors but answers: the step was not taken.
pub async fn open<D: AccountSetup>(
    setup: &D,
    token: &SecretString,
    given: &Credentials,
) -> Result<StepResponse, D::Error> {
    let details = match setup.account_admit(token).await? {
        Admission::Done(step) => return Ok(step),
        Admission::Open(details) => details,
    };
    let not_taken = |field| Ok(OnboardingSession::refusal(Step::Account, FieldErrors::from(field), token));
    let Some((email, proof)) = setup.proof_find(&given.proof).await? else {
        let detail = "used, replaced by a newer one, or too old: give step 1 again".into();
        return not_taken(FieldError { pointer: "/proof".into(), detail });
    };
    details.check_proven(&email).map_err(UseCaseError::from)?;
    match setup.password_choose(proof, &given.password).await? {
        Ok(password) => setup.account_settle(token, password).await,
        Err(field) => not_taken(field),
    }
}

/// Takes the second step for the user `verified`: an owner account is created, or an unfinished one is
/// reused. The name of the owner is the name from the first step.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `onboarding.session.*`,
/// `onboarding.account.other_email`, `onboarding.account.other_user`, or
/// `onboarding.account.already_onboarded`.
pub async fn settle<T: OnboardingStore + OwnerAccounts>(
    tx: &mut T,
    token: &SecretString,
    verified: &Verified,
    now: DateTime<Utc>,
) -> Result<StepResponse, UseCaseError> {
    let session = lock(tx, token, now).await?;
    session.admit(Step::Account)?;
    let Verified { user, email, .. } = verified;
    // A session for another address creates no owner account.
    let Some(details) = session.details.clone().filter(|details| details.email == *email) else {
        let nobody = Account { owner: tryzore_kernel::OwnerAccountId::generate(now), user: *user };
        return Err(session.with_account(nobody, email, now).err().map_or(UseCaseError::Stale, Into::into));
    };
    let verified = Verified { user: *user, email: email.clone(), name: details.name };
    let owner = ensure_owner(tx, &verified, now).await?;
    let session = session.with_account(Account { owner: owner.id, user: *user }, email, now)?;
    tx.onboarding_update(&session).await?;
    Ok(session.response(token))
}

/// The owner account of `verified`, created or reused.
pub(super) async fn ensure_owner<T: OwnerAccounts>(
    tx: &mut T,
    verified: &Verified,
    now: DateTime<Utc>,
) -> Result<OwnerAccount, UseCaseError> {
    let known = match tx.owner_lock_by_user(verified.user).await? {
        Some(owner) => Some(owner),
        None => tx.owner_lock_by_email(&verified.email).await?,
    };
    match known {
        // The address is verified at this point, so saying that it is known reveals nothing to strangers.
        Some(owner) if owner.is_onboarded() => Err(Denial::state("onboarding.account.already_onboarded")
            .because("owner.onboarding_completed_at", owner.onboarding_completed_at)
            .remedy("Sign in; further locations are opened from there.", Some("sign_in"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use secrecy::ExposeSecret;
    use std::sync::Mutex;
    use tryzore_kernel::Email;

    /// Records which steps were reached. In this test a proof is the text of the address that it verifies;
    /// any other text is an invalid proof.
    struct Counter {
        admission: Admission,
        passed: Mutex<Vec<&'static str>>,
    }

    impl Counter {
        fn new(admission: Admission) -> Self {
            Self { admission, passed: Mutex::default() }
        }

        fn open(&self, proof: &str, password: &str) -> Result<StepResponse, UseCaseError> {
            let given = Credentials { password: password.into(), proof: proof.into() };
            block_on(open(self, &"tzo_1".into(), &given))
        }

        fn passed(&self) -> Vec<&'static str> {
            self.passed.lock().unwrap().drain(..).collect()
        }
    }

    impl AccountSetup for Counter {
        type Proof = Email;
        type Password = Email;
        type Error = UseCaseError;

        async fn account_admit(&self, _: &SecretString) -> Result<Admission, UseCaseError> {
            Ok(self.admission.clone())
        }

        async fn proof_find(&self, proof: &SecretString) -> Result<Option<(Email, Email)>, UseCaseError> {
            self.passed.lock().unwrap().push("proof");
            Ok(proof.expose_secret().parse().ok().map(|email: Email| (email.clone(), email)))
        }

        async fn password_choose(
            &self,
            proof: Email,
            password: &SecretString,
        ) -> Result<Result<Email, FieldError>, UseCaseError> {
            self.passed.lock().unwrap().push("password");
            let weak = || FieldError { pointer: "/password".into(), detail: "too short".into() };
            Ok((password.expose_secret().len() >= 8).then_some(proof).ok_or_else(weak))
        }

        async fn account_settle(&self, token: &SecretString, _: Email) -> Result<StepResponse, UseCaseError> {
            self.passed.lock().unwrap().push("settled");
            Ok(StepResponse::new(true, Step::Locations, vec![], token))
        }
    }

    fn ada() -> Admission {
        let email = "ada@example.com".parse().unwrap();
        Admission::Open(Details { name: "Ada".into(), email })
    }

    #[test]
    fn onb_05_a_password_is_chosen_only_with_a_proof_for_the_address_of_the_first_step() {
        let setup = Counter::new(ada());
        let opened = setup.open("ada@example.com", "correct horse").unwrap();
        assert_eq!((opened.success, opened.next_step), (true, Step::Locations));
        assert_eq!(setup.passed(), ["proof", "password", "settled"]);
        let UseCaseError::Denied(denial) = setup.open("eve@example.com", "correct horse").unwrap_err() else {
            panic!("not denied");
        };
        assert_eq!((&*denial.code, setup.passed()), ("onboarding.account.other_email", vec!["proof"]));
    }

    #[test]
    fn onb_04_a_step_that_is_not_taken_names_the_invalid_field() {
        let setup = Counter::new(ada());
        for (proof, password, field, passed) in [
            ("used", "correct horse", "/proof", vec!["proof"]),
            ("ada@example.com", "short", "/password", vec!["proof", "password"]),
        ] {
            let step = setup.open(proof, password).unwrap();
            assert_eq!((step.success, step.next_step), (false, Step::Account), "{field}");
            assert_eq!((step.errors[0].pointer.as_str(), setup.passed()), (field, passed));
        }
    }

    #[test]
    fn onb_02_an_existing_account_needs_no_second_password() {
        let taken = StepResponse::new(true, Step::Locations, vec![], &"tzo_1".into());
        let setup = Counter::new(Admission::Done(taken.clone()));
        assert_eq!(setup.open("ada@example.com", "correct horse"), Ok(taken));
        assert!(setup.passed().is_empty());
    }
}
