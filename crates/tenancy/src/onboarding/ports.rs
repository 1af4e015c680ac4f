//! What onboarding needs from a transaction and from outside.

use super::{Admission, OnboardingSession, StepResponse};
use crate::{TokenHash, UseCaseError};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{
    Email, FieldError, OnboardingId, OrganizationId, OwnerAccountId, StoreResult, TenantId, UserId,
};

/// Stores onboarding sessions. Sessions are global: there is no tenant yet.
#[trait_variant::make(Send)]
pub trait OnboardingStore {
    /// Adds a session.
    async fn onboarding_insert(&mut self, session: &OnboardingSession) -> StoreResult<()>;
    /// Finds a session by its id, for the mail that verifies its address.
    async fn onboarding_find(&mut self, id: OnboardingId) -> StoreResult<Option<OnboardingSession>>;
    /// Finds the session of a token.
    async fn onboarding_find_by_token(&mut self, token: &TokenHash)
    -> StoreResult<Option<OnboardingSession>>;
    /// Finds the session of a token and locks it until the transaction ends.
    async fn onboarding_lock(&mut self, token: &TokenHash) -> StoreResult<Option<OnboardingSession>>;
    /// Stores the current state of a session.
    async fn onboarding_update(&mut self, session: &OnboardingSession) -> StoreResult<()>;
    /// Deletes a session.
    async fn onboarding_delete(&mut self, id: OnboardingId) -> StoreResult<()>;
    /// The newest session of an owner that is neither complete nor expired.
    async fn onboarding_live_of(
        &mut self,
        owner: OwnerAccountId,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<OnboardingSession>>;
    /// Deletes the incomplete sessions of the owner account that has this user or this address. The owner
    /// account is not locked.
    async fn onboarding_discard_of(&mut self, user: UserId, email: &Email) -> StoreResult<()>;
}

/// An open location that an owner account owns, in any tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedOrganization {
    /// The tenant.
    pub tenant: TenantId,
    /// The location.
    pub organization: OrganizationId,
    /// Whether its payments are set up.
    pub has_payments: bool,
}

/// Reads what an owner account owns.
#[trait_variant::make(Send)]
pub trait OwnedOrganizations {
    /// The open locations of an owner account, whose user is `user`, in all tenants.
    async fn owned_organizations(
        &mut self,
        owner: OwnerAccountId,
        user: UserId,
    ) -> StoreResult<Vec<OwnedOrganization>>;
}

/// Archives unfinished sessions and accounts (ONB-08).
#[trait_variant::make(Send)]
pub trait OnboardingArchive {
    /// Archives and deletes the incomplete sessions that expired before `now`; returns their number.
    async fn archive_sessions(&mut self, now: DateTime<Utc>) -> StoreResult<u64>;
    /// Archives and deletes the owner accounts that were created before `made_before`, never had a location
    /// and have no session; returns their number.
    async fn archive_signups(&mut self, made_before: DateTime<Utc>, now: DateTime<Utc>) -> StoreResult<u64>;
}

/// What opening an account needs from the session store and the password provider
/// ([`super::account::open`]). Each method is a transaction of its own, except choosing the password, which
/// runs outside of transactions.
#[trait_variant::make(Send)]
pub trait AccountSetup {
    /// A mailed link that is still valid.
    type Proof: Send;
    /// A password that the provider has accepted and that is not in force yet.
    type Password: Send;
    /// The error when the setup fails.
    type Error: From<UseCaseError> + Send;

    /// Runs [`super::account::admit`].
    async fn account_admit(&self, token: &SecretString) -> Result<Admission, Self::Error>;
    /// The address that `proof` verifies, and its link; `None` when the proof is no longer valid.
    async fn proof_find(&self, proof: &SecretString) -> Result<Option<(Email, Self::Proof)>, Self::Error>;
    /// Sends `password` to the password provider. The inner error names the rule that the password breaks.
    async fn password_choose(
        &self,
        proof: Self::Proof,
        password: &SecretString,
    ) -> Result<Result<Self::Password, FieldError>, Self::Error>;
    /// Puts `password` in force and runs [`super::account::settle`] for its user; both happen or neither
    /// does.
    async fn account_settle(
        &self,
        token: &SecretString,
        password: Self::Password,
    ) -> Result<StepResponse, Self::Error>;
}

/// Sets up payments of a location with a provider. It is called outside of transactions.
#[trait_variant::make(Send)]
pub trait PaymentsSetup {
    /// Creates an account at the provider, or finds the account that was created for `organization` before:
    /// the call is idempotent. Returns the provider's id of the account.
    async fn payments_begin(
        &self,
        tenant: TenantId,
        organization: OrganizationId,
        email: &Email,
    ) -> Result<String, PaymentsError>;
}

/// Why payments were not set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("payments were not set up: {0}")]
pub struct PaymentsError(pub String);
