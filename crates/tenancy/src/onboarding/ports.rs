//! What onboarding needs: from a transaction, and from outside.

use super::{Admission, OnboardingSession, StepResponse};
use crate::{TokenHash, UseCaseError};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{
    Email, FieldError, OnboardingId, OrganizationId, OwnerAccountId, StoreResult, TenantId, UserId,
};

/// Sessions of onboarding. They are global: there is no tenant yet.
#[trait_variant::make(Send)]
pub trait OnboardingStore {
    /// Adds a session.
    async fn onboarding_insert(&mut self, session: &OnboardingSession) -> StoreResult<()>;
    /// A session, for the mail that proves its address.
    async fn onboarding_find(&mut self, id: OnboardingId) -> StoreResult<Option<OnboardingSession>>;
    /// The session of a token.
    async fn onboarding_find_by_token(&mut self, token: &TokenHash)
    -> StoreResult<Option<OnboardingSession>>;
    /// The session of a token, held until the transaction ends.
    async fn onboarding_lock(&mut self, token: &TokenHash) -> StoreResult<Option<OnboardingSession>>;
    /// Keeps a session as it now is.
    async fn onboarding_update(&mut self, session: &OnboardingSession) -> StoreResult<()>;
    /// Forgets a session.
    async fn onboarding_delete(&mut self, id: OnboardingId) -> StoreResult<()>;
    /// The newest session of an owner that is neither complete nor expired.
    async fn onboarding_live_of(
        &mut self,
        owner: OwnerAccountId,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<OnboardingSession>>;
    /// Forgets the sessions that are not complete of the owner account whose user or whose address this
    /// is. The owner account is not held.
    async fn onboarding_discard_of(&mut self, user: UserId, email: &Email) -> StoreResult<()>;
}

/// An open location that an owner account owns, in whichever tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedOrganization {
    /// The tenant.
    pub tenant: TenantId,
    /// The location.
    pub organization: OrganizationId,
    /// Whether its payments are set up.
    pub has_payments: bool,
}

/// What an owner account owns.
#[trait_variant::make(Send)]
pub trait OwnedOrganizations {
    /// The open locations of an owner account, whose user is `user`, over all tenants.
    async fn owned_organizations(
        &mut self,
        owner: OwnerAccountId,
        user: UserId,
    ) -> StoreResult<Vec<OwnedOrganization>>;
}

/// Where what nobody finished is put (ONB-08).
#[trait_variant::make(Send)]
pub trait OnboardingArchive {
    /// Archives and deletes the sessions that are not complete and expired before `now`; how many.
    async fn archive_sessions(&mut self, now: DateTime<Utc>) -> StoreResult<u64>;
    /// Archives and deletes the owner accounts that were made before `made_before`, have never had
    /// a location and no session; how many.
    async fn archive_signups(&mut self, made_before: DateTime<Utc>, now: DateTime<Utc>) -> StoreResult<u64>;
}

/// What opening an account needs of whoever keeps sessions and passwords ([`super::account::open`]).
/// Each method is a transaction of its own, but for choosing the password, which is in none.
#[trait_variant::make(Send)]
pub trait AccountSetup {
    /// A mailed link that works.
    type Proof: Send;
    /// A password that its keeper took, and that is not in force yet.
    type Password: Send;
    /// Why it can't be told.
    type Error: From<UseCaseError> + Send;

    /// What [`super::account::admit`] says.
    async fn account_admit(&self, token: &SecretString) -> Result<Admission, Self::Error>;
    /// The address that `proof` proves, and the link that it is; none when it works no more.
    async fn proof_find(&self, proof: &SecretString) -> Result<Option<(Email, Self::Proof)>, Self::Error>;
    /// Gives `password` to its keeper; inner: the rule that it breaks.
    async fn password_choose(
        &self,
        proof: Self::Proof,
        password: &SecretString,
    ) -> Result<Result<Self::Password, FieldError>, Self::Error>;
    /// Puts `password` in force and does what [`super::account::settle`] does for its user, or neither.
    async fn account_settle(
        &self,
        token: &SecretString,
        password: Self::Password,
    ) -> Result<StepResponse, Self::Error>;
}

/// Sets up payments of a location with a provider. It is asked outside of transactions.
#[trait_variant::make(Send)]
pub trait PaymentsSetup {
    /// Makes an account at the provider, or finds the one that was made for `organization`: asking
    /// again is asking once. The provider's id of the account.
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
