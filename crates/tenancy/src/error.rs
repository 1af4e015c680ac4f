//! How the use cases of this crate fail.

use crate::Invalid;
use tryzore_kernel::{Decision, Denial, Journal, OrganizationId, Problem, StoreError};
use tryzore_rbac::permit::Beyond;
use uuid::Uuid;

/// Why a use case fails.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TenancyError {
    /// There is no such thing, or it is not the caller's to see.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// It was changed since the caller read it.
    #[error("changed meanwhile")]
    Stale,
    /// Fields do not hold.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// A rule refuses it, or the caller has no right to it.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// Someone outside whom it needs cannot be asked.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TenancyError {
    /// How `what` is refused at a location that a permit does not stretch to.
    pub(crate) fn beyond(what: &'static str, beyond: Beyond) -> Self {
        match beyond {
            Beyond::Unseen => Self::NotFound(what),
            Beyond::Denied(denial) => Self::Denied(denial),
        }
    }

    /// Records a refusal of `command` on `object` in the decision log, for those who manage staff at
    /// the location (none for what is the tenant's as a whole); anything else is no decision.
    pub(crate) fn recorded(
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

impl From<TenancyError> for Problem {
    fn from(error: TenancyError) -> Self {
        match error {
            TenancyError::NotFound(what) => Self::not_found(what),
            TenancyError::Stale => Self::stale(),
            TenancyError::Invalid(invalid) => invalid.into(),
            TenancyError::Denied(denial) => denial.into(),
            TenancyError::Unavailable(_) => Self::unavailable("the account service cannot be reached"),
            TenancyError::Store(error) => error.into(),
        }
    }
}
