//! The second step: an account with a password (ONB-05, ruling (b)).
//!
//! The password is chosen at whoever keeps passwords, by who holds what the mail carried. No
//! transaction is open meanwhile:
//!
//! ```text
//! admit (transaction) -> the proof (transaction) -> a password is chosen (none) -> settle (transaction)
//! ```
//! [`open`] goes this way; the desk that it works at ([`AccountSetup`]) opens the transactions. The one
//! that settles is also the one in which the password comes into force. So both happen or neither
//! does: whoever is refused here keeps the password of before, and nothing has to be taken back.
//! Someone who is signed in needs no password and goes straight to [`settle`].

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

/// How someone is refused who is signed in and has not proven her address.
pub const EMAIL_UNPROVEN: &str = "onboarding.account.email_unproven";

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

/// Takes the second step with a proof and a password. The password is chosen for the address that the
/// proof proves, so a proof of another one than the first step names is refused before that.
///
/// # Errors
/// Those of [`admit`] and [`settle`], and the desk's own. A proof that works no more and a password
/// that breaks a rule are answers: the step was not taken.
pub async fn open<D: AccountSetup>(
    desk: &D,
    token: &SecretString,
    given: &Credentials,
) -> Result<StepResponse, D::Error> {
    let details = match desk.account_admit(token).await? {
        Admission::Done(step) => return Ok(step),
        Admission::Open(details) => details,
    };
    let not_taken = |field| Ok(OnboardingSession::refusal(Step::Account, FieldErrors::from(field), token));
    let Some((email, proof)) = desk.proof_find(&given.proof).await? else {
        let detail = "used, replaced by a newer one, or too old: give step 1 again".into();
        return not_taken(FieldError { pointer: "/proof".into(), detail });
    };
    details.check_proven(&email).map_err(UseCaseError::from)?;
    match desk.password_choose(proof, &given.password).await? {
        Ok(password) => desk.account_settle(token, password).await,
        Err(field) => not_taken(field),
    }
}

/// Takes the second step for who is `verified`: the owner account is made, or the one that was never
/// finished is taken up. The owner is called as the first step says.
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
    // A wrong address makes no owner account.
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

/// The owner account of `verified`, made or taken up.
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use secrecy::ExposeSecret;
    use std::sync::Mutex;
    use tryzore_kernel::Email;

    /// Remembers how far someone came. A proof is the address that it proves, or works no more.
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
    fn onb_05_a_password_is_chosen_only_with_the_proof_of_the_address_that_was_given() {
        let desk = Counter::new(ada());
        let opened = desk.open("ada@example.com", "correct horse").unwrap();
        assert_eq!((opened.success, opened.next_step), (true, Step::Locations));
        assert_eq!(desk.passed(), ["proof", "password", "settled"]);
        let UseCaseError::Denied(denial) = desk.open("eve@example.com", "correct horse").unwrap_err() else {
            panic!("not denied");
        };
        assert_eq!((&*denial.code, desk.passed()), ("onboarding.account.other_email", vec!["proof"]));
    }

    #[test]
    fn onb_04_a_step_that_is_not_taken_says_which_field_to_give_again() {
        let desk = Counter::new(ada());
        for (proof, password, field, passed) in [
            ("used", "correct horse", "/proof", vec!["proof"]),
            ("ada@example.com", "short", "/password", vec!["proof", "password"]),
        ] {
            let step = desk.open(proof, password).unwrap();
            assert_eq!((step.success, step.next_step), (false, Step::Account), "{field}");
            assert_eq!((step.errors[0].pointer.as_str(), desk.passed()), (field, passed));
        }
    }

    #[test]
    fn onb_02_an_account_that_is_there_already_asks_for_no_second_password() {
        let taken = StepResponse::new(true, Step::Locations, vec![], &"tzo_1".into());
        let desk = Counter::new(Admission::Done(taken.clone()));
        assert_eq!(desk.open("ada@example.com", "correct horse"), Ok(taken));
        assert!(desk.passed().is_empty());
    }
}
