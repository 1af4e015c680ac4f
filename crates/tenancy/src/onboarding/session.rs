//! An onboarding session (ONB-01, ONB-02).

use super::step::{Details, LocationsForm, Step, StepResponse, other_email};
use crate::TokenHash;
use chrono::{DateTime, Duration, Utc};
use tryzore_kernel::{Denial, Email, OnboardingId, OrganizationId, OwnerAccountId, TenantId, UserId};

/// The lifetime of a session (ONB-02). A complete session does not expire: completing again gives the same
/// answer.
pub const SESSION_LIFE: Duration = Duration::hours(24);

/// The account of the person in onboarding, once they have verified their address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// The owner account.
    pub owner: OwnerAccountId,
    /// The user who signs in to the owner account.
    pub user: UserId,
}

/// The progress of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Details and account; the account is set once the address is verified.
    AccountCreated(Option<Account>),
    /// The locations were given and are not opened yet.
    OrganizationPending(Account),
    /// The tenant is open.
    Complete {
        /// The account that opened the tenant.
        account: Account,
        /// The tenant.
        tenant: TenantId,
        /// The first locations of the tenant, in the order in which they were given.
        organizations: Vec<OrganizationId>,
    },
}

impl Progress {
    /// The progress as text in the database and in the API.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::AccountCreated(_) => "account_created",
            Self::OrganizationPending(_) => "organization_pending",
            Self::Complete { .. } => "complete",
        }
    }
}

/// An onboarding session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnboardingSession {
    /// The id of the session.
    pub id: OnboardingId,
    /// The hash of the session token, unique.
    pub token: TokenHash,
    /// The progress of the session.
    pub progress: Progress,
    /// The details from the first step.
    pub details: Option<Details>,
    /// The locations from the third step.
    pub locations: Option<LocationsForm>,
    /// When the session expires, unless it is complete.
    pub expires_at: DateTime<Utc>,
    /// When the session was started.
    pub created_at: DateTime<Utc>,
    /// When the session was last changed.
    pub updated_at: DateTime<Utc>,
}

impl OnboardingSession {
    /// Creates a session that starts at `now`.
    #[must_use]
    pub fn new(token: TokenHash, now: DateTime<Utc>) -> Self {
        Self {
            id: OnboardingId::generate(now),
            token,
            progress: Progress::AccountCreated(None),
            details: None,
            locations: None,
            expires_at: now + SESSION_LIFE,
            created_at: now,
            updated_at: now,
        }
    }

    /// Checks that the session is usable: until the end of its lifetime, and without limit once it is
    /// complete.
    ///
    /// # Errors
    /// `onboarding.session.expired`.
    pub fn check_alive(&self, now: DateTime<Utc>) -> Result<(), Denial> {
        if matches!(self.progress, Progress::Complete { .. }) || now < self.expires_at {
            return Ok(());
        }
        Err(Denial::state("onboarding.session.expired")
            .because("session.expires_at", self.expires_at)
            .because("now", now)
            .remedy("Start again; the data you entered was deleted.", Some("start_onboarding")))
    }

    /// The account, once there is one.
    #[must_use]
    pub const fn account(&self) -> Option<Account> {
        match &self.progress {
            Progress::AccountCreated(account) => *account,
            Progress::OrganizationPending(account) | Progress::Complete { account, .. } => Some(*account),
        }
    }

    /// The next step; `None` when the session is complete.
    #[must_use]
    pub const fn next_step(&self) -> Option<Step> {
        match &self.progress {
            Progress::AccountCreated(_) if self.details.is_none() => Some(Step::Details),
            Progress::AccountCreated(None) => Some(Step::Account),
            Progress::AccountCreated(Some(_)) => Some(Step::Locations),
            Progress::OrganizationPending(_) => Some(Step::Complete),
            Progress::Complete { .. } => None,
        }
    }

    /// Checks that `step` may be taken now: the next step, or one before it (going back).
    ///
    /// # Errors
    /// `onboarding.step.out_of_order`, `onboarding.session.complete`.
    pub fn admit(&self, step: Step) -> Result<(), Denial> {
        match self.next_step() {
            Some(next) if step <= next => Ok(()),
            Some(next) => Err(Denial::state("onboarding.step.out_of_order")
                .because("step", step)
                .because("session.next_step", next)
                .remedy("Give the steps before it first.", None)),
            None => Err(Denial::state("onboarding.session.complete")
                .because("session.current_step", self.progress.as_str())
                .remedy("Sign in.", Some("sign_in"))),
        }
    }

    /// The session with other details. Once the account is set, its address is verified and does not
    /// change.
    ///
    /// # Errors
    /// As [`Self::admit`]; `onboarding.details.email_fixed`.
    pub fn with_details(mut self, details: Details, now: DateTime<Utc>) -> Result<Self, Denial> {
        self.admit(Step::Details)?;
        if self.account().is_some() && self.details.as_ref().is_some_and(|known| known.email != details.email)
        {
            return Err(Denial::state("onboarding.details.email_fixed")
                .because("session.current_step", self.progress.as_str())
                .remedy("Start again with the other address.", Some("start_onboarding")));
        }
        self.details = Some(details);
        self.updated_at = now;
        Ok(self)
    }

    /// The session with its account.
    ///
    /// # Errors
    /// As [`Self::admit`]; `onboarding.account.other_email`, `onboarding.account.other_user`.
    pub fn with_account(
        mut self,
        account: Account,
        email: &Email,
        now: DateTime<Utc>,
    ) -> Result<Self, Denial> {
        self.admit(Step::Account)?;
        self.details.as_ref().ok_or_else(other_email)?.check_proven(email)?;
        match self.account() {
            Some(known) if known != account => {
                return Err(Denial::right("onboarding.account.other_user")
                    .remedy("Start again as this user.", Some("start_onboarding")));
            }
            Some(_) => {}
            None => self.progress = Progress::AccountCreated(Some(account)),
        }
        self.updated_at = now;
        Ok(self)
    }

    /// The session with its locations.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub fn with_locations(mut self, locations: LocationsForm, now: DateTime<Utc>) -> Result<Self, Denial> {
        self.admit(Step::Locations)?;
        if let Some(account) = self.account() {
            self.progress = Progress::OrganizationPending(account);
        }
        self.locations = Some(locations);
        self.updated_at = now;
        Ok(self)
    }

    /// The session, marked complete.
    #[must_use]
    pub fn completed(
        mut self,
        account: Account,
        tenant: TenantId,
        organizations: Vec<OrganizationId>,
        now: DateTime<Utc>,
    ) -> Self {
        self.progress = Progress::Complete { account, tenant, organizations };
        self.updated_at = now;
        self
    }

    /// The answer to a step that was taken.
    #[must_use]
    pub fn response(&self, token: &secrecy::SecretString) -> StepResponse {
        let next_step = self.next_step();
        StepResponse::new(true, next_step.unwrap_or(Step::Payments), Vec::new(), token)
    }

    /// The answer to a `step` that was not taken.
    #[must_use]
    pub fn refusal(step: Step, invalid: crate::FieldErrors, token: &secrecy::SecretString) -> StepResponse {
        StepResponse::new(false, step, invalid.into_vec(), token)
    }
}
