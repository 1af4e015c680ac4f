//! Refusals of use cases, and the answers to callers.

use chrono::TimeDelta;
use std::borrow::Cow;
use tryzore_kernel::{AsDenial, Denial, Problem, StoreResult};

/// The outer error rolls the transaction back; the inner refusal is committed together with what was stored
/// about it. A handler writes `??`.
pub type Settled<T> = StoreResult<Result<T, Refusal>>;

/// A refusal, with the status of its answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The caller is not authenticated: 401.
    #[error("not authenticated: {}", .0.code)]
    Unauthenticated(Box<Denial>),
    /// Too many attempts: 429, with `Retry-After`.
    #[error("too many attempts: {}", .denial.code)]
    Throttled {
        /// The reason of the refusal.
        denial: Box<Denial>,
        /// How long to wait before trying again.
        retry_after: TimeDelta,
    },
    /// The caller is known but has no right to the command, or the current state does not allow it: 403 or
    /// 409.
    #[error(transparent)]
    Denied(Box<Denial>),
    /// A field is not valid: 422.
    #[error("{pointer}: {detail}")]
    Invalid {
        /// JSON pointer into the body.
        pointer: &'static str,
        /// What was expected.
        detail: Cow<'static, str>,
    },
    /// The object does not exist, or the caller may not see it: 404.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The identity provider cannot be reached: 503.
    #[error("the identity provider is unavailable: {0}")]
    Unavailable(String),
}

impl Refusal {
    /// The stable code of the refusal.
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

    /// How many seconds to wait, for the `Retry-After` header, rounded up.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<i64> {
        match self {
            Self::Throttled { retry_after, .. } => Some(seconds_up(*retry_after)),
            _ => None,
        }
    }
}

impl AsDenial for Refusal {
    /// Only refusals of a known caller are recorded as decisions; for an unknown caller, nobody could look
    /// them up.
    fn as_denial(&self) -> Option<&Denial> {
        if let Self::Denied(denial) = self { Some(denial) } else { None }
    }
}

/// The caller is not authenticated, because of `denial`.
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
