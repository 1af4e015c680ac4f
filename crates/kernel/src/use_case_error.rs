//! How a use case of any domain fails.

use crate::{AsDenial, Denial, FieldErrors, Problem, StoreError};

/// Why a use case failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum UseCaseError {
    /// There is no such thing, or it is not the caller's to see: 404.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// It was changed since the caller read it: 412.
    #[error("changed since it was read")]
    Stale,
    /// Fields of the command are not valid: 422.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// A rule refuses it (409), or the caller has no right to it (403).
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something with a status and a code of its own, such as a file that cannot be read.
    #[error(transparent)]
    Other(#[from] Box<Problem>),
}

impl UseCaseError {
    /// One field that is not valid.
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
