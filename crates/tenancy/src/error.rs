//! How the use cases of this crate fail.

use crate::Invalid;
use tryzore_kernel::{AsDenial, Denial, Problem, StoreError};
use tryzore_rbac::permit::OutOfReach;

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
    pub(crate) fn out_of_reach(what: &'static str, out_of_reach: OutOfReach) -> Self {
        match out_of_reach {
            OutOfReach::Hidden => Self::NotFound(what),
            OutOfReach::Denied(denial) => Self::Denied(denial),
        }
    }
}

impl AsDenial for TenancyError {
    fn as_denial(&self) -> Option<&Denial> {
        if let Self::Denied(denial) = self { Some(denial) } else { None }
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
