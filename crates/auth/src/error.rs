//! How a use case refuses, and what a caller is told.

use chrono::TimeDelta;
use std::borrow::Cow;
use tryzore_kernel::{AsDenial, Denial, Problem, StoreResult};

/// The outer error rolls the transaction back; the inner refusal is committed with whatever was
/// stored about it. A handler writes `??`.
pub type Settled<T> = StoreResult<Result<T, Refusal>>;

/// A refusal, and how a caller is to take it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Who is calling is not known: 401.
    #[error("not authenticated: {}", .0.code)]
    Unauthenticated(Box<Denial>),
    /// Too many attempts: 429, with `Retry-After`.
    #[error("too many attempts: {}", .denial.code)]
    Throttled {
        /// Why.
        denial: Box<Denial>,
        /// When to come back.
        retry_after: TimeDelta,
    },
    /// The caller is known and may not, or not now: 403 or 409.
    #[error(transparent)]
    Denied(Box<Denial>),
    /// A field does not hold: 422.
    #[error("{pointer}: {detail}")]
    Invalid {
        /// JSON pointer into the body.
        pointer: &'static str,
        /// What was expected.
        detail: Cow<'static, str>,
    },
    /// No such thing, or not the caller's to see: 404.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The identity provider cannot be asked: 503.
    #[error("the identity provider is unavailable: {0}")]
    Unavailable(String),
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Unauthenticated(denial) | Self::Throttled { denial, .. } | Self::Denied(denial) => {
                &denial.code
            }
            Self::Invalid { .. } => "request.invalid",
            Self::NotFound(_) => "not_found",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// When to come back, for the `Retry-After` header; in whole seconds, rounded up.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<i64> {
        match self {
            Self::Throttled { retry_after, .. } => Some(seconds_up(*retry_after)),
            _ => None,
        }
    }
}

impl AsDenial for Refusal {
    /// What is decided about someone who is known; of nobody there is nothing to look up.
    fn as_denial(&self) -> Option<&Denial> {
        if let Self::Denied(denial) = self { Some(denial) } else { None }
    }
}

/// Who is calling is not known, because of `denial`.
pub(crate) fn unauthenticated(denial: Denial) -> Refusal {
    Refusal::Unauthenticated(Box::new(denial))
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(Box::new(denial))
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let told = |status, title: &'static str, denial: Box<Denial>| Self {
            status,
            title: title.into(),
            ..Self::from(*denial)
        };
        match refusal {
            Refusal::Unauthenticated(denial) => told(401, "Sign in", denial),
            Refusal::Throttled { denial, .. } => told(429, "Too many attempts", denial),
            Refusal::Denied(denial) => Self::from(*denial),
            Refusal::Invalid { pointer, detail } => Self::invalid(pointer, detail),
            Refusal::NotFound(what) => Self::not_found(what),
            Refusal::Unavailable(_) => Self::unavailable("the identity provider cannot be reached"),
        }
    }
}

pub(crate) fn seconds_up(time: TimeDelta) -> i64 {
    let whole = time.num_seconds();
    if time > TimeDelta::seconds(whole) { whole + 1 } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_status() {
        let denial = || Box::new(Denial::right("auth.user.deactivated").remedy("Ask.", None));
        let throttled = Refusal::Throttled { denial: denial(), retry_after: TimeDelta::milliseconds(1500) };
        assert_eq!(throttled.retry_after_seconds(), Some(2));
        let cases = [
            (unauthenticated(Denial::right("auth.login.rejected")), 401),
            (throttled, 429),
            (Refusal::Denied(denial()), 403),
            (Refusal::Invalid { pointer: "/password", detail: "longer".into() }, 422),
            (Refusal::NotFound("session"), 404),
            (Refusal::Unavailable(String::new()), 503),
        ];
        for (refusal, status) in cases {
            let problem = Problem::from(refusal.clone());
            assert_eq!(problem.status, status);
            assert_eq!(problem.code, refusal.code());
        }
    }
}
