//! The events about operators.

use crate::{
    PlatformRole,
    domain_event::{About, Payload},
    operators::Operator,
};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Invalidation, UserId};

/// An operator, and the role that they have after the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfOperator {
    /// The operator.
    pub user: UserId,
    /// The role.
    pub role: PlatformRole,
}

impl Payload for OfOperator {
    fn about(&self) -> About {
        About::object(self.user).person(self.user)
    }
}

impl From<&Operator> for OfOperator {
    fn from(operator: &Operator) -> Self {
        Self { user: operator.user, role: operator.rights.role }
    }
}

crate::domain_events! {
    SUBJECT {
        /// An operator was appointed.
        OperatorAppointed(OfOperator) = "rbac.operator_appointed", invalidates |it| Invalidation::User(it.user);
        /// An operator has another role.
        OperatorRoleChanged(OfOperator) = "rbac.operator_role_changed", invalidates |it| Invalidation::User(it.user);
        /// An override of an operator was set or cleared.
        OperatorOverridesChanged(OfOperator) = "rbac.operator_overrides_changed", invalidates |it| Invalidation::User(it.user);
        /// An operator was dismissed.
        OperatorDismissed(OfOperator) = "rbac.operator_dismissed", invalidates |it| Invalidation::User(it.user);
    }
}
