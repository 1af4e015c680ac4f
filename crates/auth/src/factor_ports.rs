//! The ports of second factors to the database.
//!
//! Whoever changes the factors, the recovery codes or a challenge of a user has locked the user before
//! ([`Users::user_lock`](crate::Users::user_lock)), so two requests never accept the same code.

use crate::{Factor, FactorPolicy, FactorSubject, LoginChallenge, TokenHash};
use chrono::{DateTime, Utc};
use tryzore_kernel::{FactorId, OrganizationId, RoleId, StoreResult, TenantId, UserId};

/// Second factors of users.
#[trait_variant::make(Send)]
pub trait Factors {
    /// The factors of a user, confirmed or not, oldest first.
    async fn factor_list(&mut self, user: UserId) -> StoreResult<Vec<Factor>>;
    /// Adds a factor, in place of those of the user that are not confirmed.
    async fn factor_insert(&mut self, factor: &Factor) -> StoreResult<()>;
    /// Stores the changed factor.
    async fn factor_update(&mut self, factor: &Factor) -> StoreResult<()>;
    /// Deletes a factor.
    async fn factor_delete(&mut self, id: FactorId) -> StoreResult<()>;
}

/// Recovery codes of users.
#[trait_variant::make(Send)]
pub trait RecoveryCodes {
    /// Stores codes in place of all codes of the user.
    async fn recovery_codes_replace(
        &mut self,
        user: UserId,
        codes: &[TokenHash],
        now: DateTime<Utc>,
    ) -> StoreResult<()>;
    /// Uses a code up; false when the user has no such code that is unused.
    async fn recovery_code_use(
        &mut self,
        user: UserId,
        code: &TokenHash,
        now: DateTime<Utc>,
    ) -> StoreResult<bool>;
    /// How many codes of the user are unused.
    async fn recovery_codes_left(&mut self, user: UserId) -> StoreResult<i64>;
}

/// Sign-ins that lack the second factor.
#[trait_variant::make(Send)]
pub trait LoginChallenges {
    /// Adds a challenge.
    async fn challenge_insert(&mut self, challenge: &LoginChallenge) -> StoreResult<()>;
    /// The challenge with this hash.
    async fn challenge_find(&mut self, hash: &TokenHash) -> StoreResult<Option<LoginChallenge>>;
    /// Stores the changed challenge.
    async fn challenge_update(&mut self, challenge: &LoginChallenge) -> StoreResult<()>;
}

/// What tenants require, read when a session loads.
#[trait_variant::make(Send)]
pub trait FactorRules {
    /// The policy of a tenant, and what it asks about a user; `None` when the tenant has never set one.
    async fn factor_rules_find(
        &mut self,
        tenant: TenantId,
        user: UserId,
    ) -> StoreResult<Option<(FactorPolicy, FactorSubject)>>;
}

/// The policy of the tenant of the transaction.
#[trait_variant::make(Send)]
pub trait FactorPolicies {
    /// The policy; the default one when none was ever set.
    async fn factor_policy_find(&mut self) -> StoreResult<FactorPolicy>;
    /// The policy, locked even when none was ever set.
    async fn factor_policy_lock(&mut self) -> StoreResult<FactorPolicy>;
    /// Stores the changed policy.
    async fn factor_policy_save(&mut self, policy: &FactorPolicy) -> StoreResult<()>;
    /// The roles among `ids` that the tenant has.
    async fn factor_policy_roles(&mut self, ids: &[RoleId]) -> StoreResult<Vec<RoleId>>;
    /// The open locations of the tenant.
    async fn factor_policy_locations(&mut self) -> StoreResult<Vec<OrganizationId>>;
}
