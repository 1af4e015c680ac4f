//! The error of the use cases of all domains.

use crate::{AsDenial, Denial, FieldErrors, Problem, StoreError};

/// Why a use case failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum UseCaseError {
    /// The object does not exist, or the caller may not see it: 404.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The object was changed since the caller read it: 412.
    #[error("changed since it was read")]
    Stale,
    /// Fields of the command are not valid: 422.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// A rule refuses the command (409), or the caller has no right to it (403).
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A problem with its own status and code, such as a file that cannot be read.
    #[error(transparent)]
    Other(#[from] Box<Problem>),
}

impl UseCaseError {
    /// An error with one field that is not valid.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::one(pointer, detail))
    }
}

impl AsDenial for UseCaseError {
    fn as_denial(&self) -> Option<&Denial> {
        if let Self::Denied(denial) = self { Some(denial) } else { None }
    }
}

impl From<UseCaseError> for Problem {
    fn from(error: UseCaseError) -> Self {
        match error {
            UseCaseError::NotFound(what) => Self::not_found(what),
            UseCaseError::Stale => Self::stale(),
            UseCaseError::Invalid(errors) => errors.into(),
            UseCaseError::Denied(denial) => denial.into(),
            UseCaseError::Store(error) => error.into(),
            UseCaseError::Other(problem) => *problem,
        }
    }
}
