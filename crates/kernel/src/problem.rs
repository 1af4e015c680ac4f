//! The answer to a caller when something fails: RFC 9457 problem details, as data.
//!
//! Domain errors are converted into a [`Problem`]; the web crate adds the media type and the trace id.

use crate::{
    denial::{Denial, Ground},
    store::StoreError,
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// A field that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer into the body (`/start_time`), or the name of a parameter (`limit`).
    pub pointer: String,
    /// What was expected.
    pub detail: String,
}

/// A failure as it is reported to the caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{code}: {}", .cause.as_ref().map_or(&**.detail, |cause| cause.as_str()))]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// A stable, dotted code; that of the denial if there is one.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: Cow<'static, str>,
    /// One sentence that is the same for every problem with this code.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub title: Cow<'static, str>,
    /// What went wrong this time.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub detail: Cow<'static, str>,
    /// The fields that are not valid, for a body or parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Why a rule refused the request, if a rule did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denial: Option<Box<Denial>>,
    /// The cause of the failure, for the server log and never for callers. It names tables and constraints,
    /// but contains no personal data. Boxed to keep the type small, because it is moved as an error.
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

    /// 400: the request cannot be parsed.
    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "request.malformed", "The request cannot be read", detail)
    }

    /// 422: a field is not valid. `pointer` is a JSON pointer or the name of a parameter.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(422, "request.invalid", "The request is not valid", "see `errors`")
            .and_invalid(pointer, detail)
    }

    /// Adds a field that is not valid.
    #[must_use]
    pub fn and_invalid(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// 401: the caller is not authenticated.
    pub fn unauthenticated(code: &'static str, detail: &'static str) -> Self {
        Self::new(401, code, "Sign in", detail)
    }

    /// 404: the object does not exist, or the caller may not see it. Both have the same answer.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(404, "not_found", "Not found", format!("no such {what}"))
    }

    /// 409: the request conflicts with existing data.
    pub fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(409, code, "The request conflicts with existing data", detail)
    }

    /// 412: someone else changed the resource since the caller read it.
    #[must_use]
    pub fn stale() -> Self {
        Self::new(412, "request.stale", "Changed meanwhile", "read the resource again and repeat the change")
    }

    /// 503: temporarily unavailable; the caller may try again.
    pub fn unavailable(detail: &'static str) -> Self {
        Self::new(503, "unavailable", "Not available at the moment", detail)
    }

    /// 500: a failure of the server. The cause is logged where the request is answered.
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
            StoreError::Conflict(_) => {
                Self::conflict("conflict", "someone else made a conflicting change; read the resource again")
            }
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
