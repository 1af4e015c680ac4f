//! How the use cases of this crate fail.

use tryzore_kernel::{Denial, Problem, StoreError};

/// Why a booking was not made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BookError {
    /// There is no such event, or it is not the caller's to see.
    #[error("no such event")]
    NoSuchEvent,
    /// A rule stands against it.
    #[error(transparent)]
    Refused(#[from] Denial),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BookError> for Problem {
    fn from(error: BookError) -> Self {
        match error {
            BookError::NoSuchEvent => Self::not_found("event"),
            BookError::Refused(denial) => denial.into(),
            BookError::Store(error) => error.into(),
        }
    }
}
