//! An operator as the answer of a command, and the body of a command that has only a reason.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::UserId;
use tryzore_rbac::{
    Effect, PlatformRole, PlatformSlug,
    operators::{ChangeNote, Operator, OperatorStatus},
};
use utoipa::ToSchema;

/// The reason of a change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OperatorReason {
    /// The reason, which the audit trail of the platform stores.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

impl OperatorReason {
    /// The reason, for the `version` that the caller read.
    pub(super) fn note(self, version: i32) -> ChangeNote {
        ChangeNote { reason: self.reason, version }
    }
}

/// An override of an operator.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedOperatorOverride {
    /// The slug or the wildcard.
    #[schema(example = "platform.replay_jobs")]
    pattern: String,
    /// The effect: `allow` or `deny`.
    effect: Effect,
}

/// An operator after a change.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedOperator {
    /// The user.
    id: UserId,
    /// The role; of a dismissed operator the last one.
    role: PlatformRole,
    /// The status.
    status: OperatorStatus,
    /// When the operator was appointed, got the role, or was dismissed, whichever was last.
    since: DateTime<Utc>,
    /// The overrides.
    overrides: Vec<SavedOperatorOverride>,
    /// The permissions that follow from role and overrides, in the order of the catalogue.
    permissions: Vec<&'static str>,
    /// The version, for `If-Match`.
    version: i32,
}

impl From<Operator> for SavedOperator {
    fn from(operator: Operator) -> Self {
        let permissions = operator.held().into_iter().map(PlatformSlug::as_str).collect();
        let overrides = operator
            .rights
            .overrides
            .into_iter()
            .map(|one| SavedOperatorOverride { pattern: one.pattern.to_string(), effect: one.effect });
        Self {
            id: operator.user,
            role: operator.rights.role,
            status: operator.status,
            since: operator.since,
            overrides: overrides.collect(),
            permissions,
            version: operator.version,
        }
    }
}
