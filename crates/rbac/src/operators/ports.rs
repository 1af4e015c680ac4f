//! What managing operators needs from the store.

use crate::{Pattern, PlatformOverride, PlatformSlug, operators::Operator};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Email, StoreResult, UserId};

/// Who makes a change, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: UserId,
    /// Why.
    pub because: String,
}

/// Stores operators.
#[trait_variant::make(Send)]
pub trait Operators {
    /// The user who can sign in with this address, which they have proven to read.
    async fn user_find(&mut self, email: &Email) -> StoreResult<Option<UserId>>;
    /// Finds those of `users` who are operators, and every active super admin, and locks them until the
    /// transaction ends.
    async fn operators_lock(&mut self, users: [UserId; 2]) -> StoreResult<Vec<Operator>>;
    /// Adds an operator; false when another transaction has added them meanwhile.
    async fn operator_insert(&mut self, operator: &Operator) -> StoreResult<bool>;
    /// Stores the current state of a locked operator, without the overrides.
    async fn operator_update(&mut self, operator: &Operator) -> StoreResult<()>;
    /// Stores an override of a locked operator, in place of one for the same pattern.
    async fn operator_override_put(
        &mut self,
        user: UserId,
        set: &PlatformOverride,
        note: &Note,
    ) -> StoreResult<()>;
    /// Deletes the override of a locked operator for `pattern`; all of their overrides without one.
    async fn operator_overrides_delete(
        &mut self,
        user: UserId,
        pattern: Option<&Pattern<PlatformSlug>>,
    ) -> StoreResult<()>;
}
