//! What a caller is told when something fails: RFC 9457 problem details, as data.
//!
//! Domain errors turn into a [`Problem`]; the web crate gives it its media type and trace id.

use crate::{
    denial::{Denial, Ground},
    store::StoreError,
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// One field that was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer into the body (`/start_time`), or the name of a parameter (`limit`).
    pub pointer: String,
    /// What was expected.
    pub detail: String,
}

/// A failure that the caller can do something about, or be sorry for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{code}: {}", .cause.as_ref().map_or(&**.detail, |cause| cause.as_str()))]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable and dotted; the `code` of the denial when there is one.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: Cow<'static, str>,
    /// One sentence that is the same for every problem of this code.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub title: Cow<'static, str>,
    /// What went wrong this time.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub detail: Cow<'static, str>,
    /// The fields that were wrong, for a body or parameters that do not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Why a rule refused, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denial: Option<Box<Denial>>,
    /// What was behind it, for our log and never for callers. It names tables and constraints, and no
    /// one's data. Boxed, because a problem is an error and errors are moved about.
    #[serde(skip)]
    pub cause: Option<Box<String>>,
}

impl Problem {
    /// A problem of `status` with the code `code`.
    pub fn new(
        status: u16,
        code: &'static str,
        title: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            title: title.into(),
            detail: detail.into(),
            errors: Vec::new(),
            denial: None,
            cause: None,
        }
    }

    /// 400: the request cannot be read.
    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "request.malformed", "The request cannot be read", detail)
    }

    /// 422: a field does not hold. `pointer` is a JSON pointer or a parameter's name.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(422, "request.invalid", "The request does not hold", "see `errors`")
            .and_invalid(pointer, detail)
    }

    /// Adds a field that does not hold.
    #[must_use]
    pub fn and_invalid(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// 401: who is calling is not known.
    pub fn unauthenticated(code: &'static str, detail: &'static str) -> Self {
        Self::new(401, code, "Sign in", detail)
    }

    /// 404: there is no such thing, or it is not the caller's to see: the answer is the same.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(404, "not_found", "Not found", format!("no such {what}"))
    }

    /// 409: it clashes with what there is already.
    pub fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(409, code, "It clashes with what there is already", detail)
    }

    /// 412: the resource was changed by someone else since it was read.
    #[must_use]
    pub fn stale() -> Self {
        Self::new(412, "request.stale", "Changed meanwhile", "read it again and repeat the change")
    }

    /// 503: come back in a moment.
    pub fn unavailable(detail: &'static str) -> Self {
        Self::new(503, "unavailable", "Not available at the moment", detail)
    }

    /// 500: our fault. The cause is logged where the request is answered.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let told = Self::new(500, "internal", "Something went wrong on our side", "the cause is in our log");
        Self { cause: Some(Box::new(cause.to_string())), ..told }
    }
}

impl From<Denial> for Problem {
    fn from(denial: Denial) -> Self {
        let (status, title) = match denial.ground() {
            Ground::Right => (403, "Not allowed"),
            Ground::State => (409, "Refused"),
        };
        let detail = denial.remedy.as_ref().map_or(Cow::Borrowed("see `denial`"), |r| r.text.clone());
        Self {
            status,
            code: denial.code.clone(),
            title: title.into(),
            detail,
            errors: Vec::new(),
            denial: Some(Box::new(denial)),
            cause: None,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let told = match &error {
            StoreError::Conflict(_) => Self::conflict("conflict", "someone else was faster; read it again"),
            StoreError::Unavailable(_) => Self::unavailable("the database cannot be reached"),
            StoreError::Contended(_) => {
                Self::unavailable("others are changing the same things at this moment; try again")
            }
            StoreError::Broken(_) => Self::internal(&error),
        };
        Self { cause: Some(Box::new(error.to_string())), ..told }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_for_the_log_and_never_for_callers() {
        for error in [
            StoreError::Broken("permission denied for table users".into()),
            StoreError::Unavailable("terminating connection".into()),
            StoreError::Conflict("users_email_key".into()),
        ] {
            let problem = Problem::from(error.clone());
            assert_eq!(problem.cause.as_deref(), Some(&error.to_string()));
            assert!(problem.to_string().ends_with(&error.to_string()), "{problem}");
            let told = serde_json::to_string(&problem).unwrap();
            assert!(
                !told.contains("cause\":") && !told.contains("table") && !told.contains("_key"),
                "{told}"
            );
        }
    }
}
