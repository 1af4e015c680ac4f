//! The domain events that this crate publishes.

use crate::{ManualOverride, OverrideStatus};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{OrganizationId, OverrideId, UserId};
use tryzore_rbac::{
    domain_event::{About, Payload},
    domain_events,
};

domain_events! {
    MANAGE_ROLES {
        /// Somebody looked at what setting a rule aside would do.
        OverrideProposed(OverrideChanged) = "support.override_proposed";
        /// A rule was set aside.
        OverrideExecuted(OverrideChanged) = "support.override_executed";
        /// A change that set a rule aside stays.
        OverrideConfirmed(OverrideChanged) = "support.override_confirmed";
        /// A change that set a rule aside was taken back.
        OverrideReverted(OverrideChanged) = "support.override_reverted";
        /// A proposal was not executed in time.
        OverrideExpired(OverrideChanged) = "support.override_expired";
        /// A change that nobody confirmed could not be taken back: somebody has to decide.
        OverrideRevertFailed(OverrideChanged) = "support.override_revert_failed";
    }
}

/// A step of an override.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideChanged {
    /// The override.
    #[serde(rename = "override")]
    pub id: OverrideId,
    /// The kind of what is overridden.
    pub kind: String,
    /// The id of what is overridden.
    pub target: String,
    /// The location.
    pub organization: OrganizationId,
    /// The status that the step led to.
    pub status: OverrideStatus,
    /// Who proposed and executed the override.
    pub proposed_by: UserId,
    /// Who took the step; none for the product itself.
    pub by: Option<UserId>,
    /// The code of the refusal that kept the product from taking the change back.
    #[serde(default)]
    pub failure: Option<String>,
}

impl OverrideChanged {
    /// The step of `by` that led to `it`.
    pub(crate) fn of(it: &ManualOverride, by: Option<UserId>) -> Self {
        Self {
            id: it.id,
            kind: it.kind.clone(),
            target: it.preview.target.clone(),
            organization: it.preview.organization,
            status: it.status,
            proposed_by: it.proposed_by,
            by,
            failure: it.failure.clone(),
        }
    }
}

impl Payload for OverrideChanged {
    fn about(&self) -> About {
        About::object(self.id).at(self.organization)
    }
}
