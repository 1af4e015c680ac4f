//! What a caller is told when something fails: RFC 9457 problem details, as data.
//!
//! Domain errors turn into a [`Problem`]; the web crate gives it its media type and trace id.

use crate::{
    denial::{Denial, Ground},
    store::StoreError,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

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
#[error("{code}: {detail}")]
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

    /// 500: our fault. Callers are never told the cause: whoever knows it logs it.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(500, "internal", "Something went wrong on our side", "the cause is in our log")
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
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => Self::conflict("conflict", "someone else was faster; read it again"),
            StoreError::Unavailable(_) => Self::unavailable("the database cannot be reached"),
            StoreError::Broken(_) => Self::internal(),
        }
    }
}
