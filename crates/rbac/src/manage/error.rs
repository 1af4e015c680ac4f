//! How administration of roles fails.

use crate::permit::OutOfReach;
use tryzore_kernel::{AsDenial, Denial, Problem, StoreError};

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
    pub fn out_of_reach(what: &'static str, out_of_reach: OutOfReach) -> Self {
        match out_of_reach {
            OutOfReach::Hidden => Self::NotFound(what),
            OutOfReach::Denied(denial) => Self::Denied(denial),
        }
    }
}

impl AsDenial for ManageError {
    fn as_denial(&self) -> Option<&Denial> {
        if let Self::Denied(denial) = self { Some(denial) } else { None }
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
