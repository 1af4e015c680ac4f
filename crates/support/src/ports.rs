//! What this crate needs from a transaction: a store of overrides, and the domains that own the data.

use crate::{ManualOverride, OverrideForm, Preview, UseCaseError};
use chrono::{DateTime, Utc};
use serde_json::Value;
use tryzore_kernel::{OrganizationId, OverrideId, StoreResult, UserId};

/// A line of the log of an override.
#[derive(Debug, Clone, PartialEq)]
pub struct OverrideStep {
    /// The override.
    pub id: OverrideId,
    /// The version of the override that the step led to.
    pub version: i32,
    /// The name of the step: the command without its domain.
    pub step: &'static str,
    /// The person who took the step; `None` for the product itself.
    pub by: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
    /// What the step was about.
    pub details: Value,
}

/// Stores overrides.
#[trait_variant::make(Send)]
pub trait Overrides {
    /// An override, locked until the transaction ends.
    async fn override_open(&mut self, id: OverrideId) -> StoreResult<Option<ManualOverride>>;

    /// The open override of `target` for `subject`, locked until the transaction ends.
    async fn override_open_on(
        &mut self,
        target: &str,
        subject: Option<UserId>,
    ) -> StoreResult<Option<ManualOverride>>;

    /// Adds a proposal; false, and nothing added, when its target has an open override.
    async fn override_insert(&mut self, proposal: &ManualOverride) -> StoreResult<bool>;

    /// Stores an override that is locked.
    async fn override_update(&mut self, it: &ManualOverride) -> StoreResult<()>;

    /// Appends a line to the log of an override.
    async fn step_append(&mut self, step: OverrideStep) -> StoreResult<()>;

    /// How many people besides `except` may set rules aside at `organization`.
    async fn people_who_may(&mut self, organization: OrganizationId, except: UserId) -> StoreResult<usize>;
}

/// The domains that own the data, by the kind of an override.
///
/// A domain refuses before it writes anything, because what it wrote before a refusal would be kept. It leaves it to
/// this crate to record the refusal.
#[trait_variant::make(Send)]
pub trait Kinds {
    /// What the change of `form` would do now.
    ///
    /// # Errors
    /// [`UseCaseError::Invalid`] for an unknown kind, target or change; [`UseCaseError::NotFound`] for what the
    /// caller may not see; [`UseCaseError::Denied`] when the change is not possible.
    async fn change_preview(
        &mut self,
        kind: &str,
        target: &str,
        change: &Value,
        now: DateTime<Utc>,
    ) -> Result<Preview, UseCaseError>;

    /// Makes the change; returns what is needed to take it back.
    ///
    /// # Errors
    /// As [`Kinds::change_preview`].
    async fn change_execute(
        &mut self,
        it: &ManualOverride,
        now: DateTime<Utc>,
    ) -> Result<Value, UseCaseError>;

    /// Takes the change back.
    ///
    /// # Errors
    /// [`UseCaseError::Denied`] when it is not possible any more.
    async fn change_revert(&mut self, it: &ManualOverride, now: DateTime<Utc>) -> Result<(), UseCaseError>;
}

impl OverrideForm {
    /// What the change would do now, as the domain of its kind sees it.
    pub(crate) async fn preview<T: Kinds>(
        &self,
        tx: &mut T,
        now: DateTime<Utc>,
    ) -> Result<Preview, UseCaseError> {
        tx.change_preview(&self.kind, &self.target, &self.change, now).await
    }
}
