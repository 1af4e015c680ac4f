//! How administration of roles fails.

use crate::permit::Beyond;
use tryzore_kernel::{Decision, Denial, Journal, OrganizationId, Problem, StoreError};
use uuid::Uuid;

/// Why a use case of administration fails.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ManageError {
    /// There is no such thing, or it is not the caller's to see.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// It was changed since the caller read it.
    #[error("changed meanwhile")]
    Stale,
    /// A rule refuses it, or the caller has no right to it.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ManageError {
    /// How `what` is refused at a location that a permit does not stretch to.
    #[must_use]
    pub fn beyond(what: &'static str, beyond: Beyond) -> Self {
        match beyond {
            Beyond::Unseen => Self::NotFound(what),
            Beyond::Denied(denial) => Self::Denied(denial),
        }
    }

    /// Records a refusal of `command` on `object` in the decision log, for those who manage staff at
    /// the location (none for what is the tenant's as a whole); anything else is no decision.
    pub(super) fn recorded(
        self,
        journal: &mut impl Journal,
        command: &'static str,
        object: impl Into<Uuid>,
        at: impl Into<Option<OrganizationId>>,
    ) -> Self {
        if let Self::Denied(denial) = &self {
            let decision = Decision::denied(command, object, denial);
            journal.decision_record(Decision { organization: at.into(), ..decision });
        }
        self
    }
}

impl From<ManageError> for Problem {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::NotFound(what) => Self::not_found(what),
            ManageError::Stale => Self::stale(),
            ManageError::Denied(denial) => denial.into(),
            ManageError::Store(error) => error.into(),
        }
    }
}
