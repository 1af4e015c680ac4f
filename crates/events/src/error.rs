//! How the use cases of this crate fail.

use crate::series::ScheduleError;
use tryzore_kernel::{AsDenial, Denial, FieldError, Problem, StoreError};
use tryzore_rbac::permit::OutOfReach;

/// Why a use case of events failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EventsError {
    /// There is no such thing, or it is not the caller's to see.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// It was changed since the caller read it.
    #[error("changed meanwhile")]
    Stale,
    /// Fields don't hold.
    #[error("fields that don't hold: {}", .0.iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>().join(", "))]
    Invalid(Vec<FieldError>),
    /// A rule stands against it, or the caller has no right to it.
    #[error(transparent)]
    Refused(#[from] Denial),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a booking was not made.
pub type BookError = EventsError;

impl EventsError {
    /// One field that does not hold.
    pub(crate) fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { pointer: pointer.into(), detail: detail.into() }])
    }

    /// How `what` is refused at a location that a permit does not stretch to.
    pub(crate) fn out_of_reach(what: &'static str) -> impl FnOnce(OutOfReach) -> Self {
        move |out_of_reach| match out_of_reach {
            OutOfReach::Hidden => Self::NotFound(what),
            OutOfReach::Denied(denial) => Self::Refused(denial),
        }
    }
}

impl AsDenial for EventsError {
    fn as_denial(&self) -> Option<&Denial> {
        if let Self::Refused(denial) = self { Some(denial) } else { None }
    }
}

impl From<ScheduleError> for EventsError {
    fn from(error: ScheduleError) -> Self {
        Self::Invalid(error.0)
    }
}

impl From<EventsError> for Problem {
    fn from(error: EventsError) -> Self {
        match error {
            EventsError::NotFound(what) => Self::not_found(what),
            EventsError::Stale => Self::stale(),
            EventsError::Invalid(errors) => {
                let mut errors = errors.into_iter();
                let none = || Self::internal("refused without a field that does not hold");
                let first = errors.next().map_or_else(none, |e| Self::invalid(e.pointer, e.detail));
                errors.fold(first, |problem, e| problem.and_invalid(e.pointer, e.detail))
            }
            EventsError::Refused(denial) => denial.into(),
            EventsError::Store(error) => error.into(),
        }
    }
}
