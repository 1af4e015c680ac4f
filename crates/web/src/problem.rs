//! The errors of requests: `application/problem+json` (RFC 9457).

use crate::denials;
use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use std::{borrow::Cow, fmt};
use tryzore_kernel::Problem;

/// The error of every handler.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    problem: Box<Problem>,
    retry_after: Option<i64>,
    allow: Option<String>,
}

impl ApiError {
    /// The problem to answer with.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Sets the seconds after which to try again (`Retry-After`).
    #[must_use]
    pub fn retry_after(mut self, seconds: impl Into<Option<i64>>) -> Self {
        self.retry_after = seconds.into();
        self
    }

    /// Logs the cause of an internal error. To be called once for each error.
    pub(crate) fn log(&self) {
        if let (500.., Some(cause)) = (self.problem.status, &self.problem.cause) {
            tracing::error!(code = %self.problem.code, cause, "a request failed");
        }
    }

    /// The refusal of a method at a path with other methods: `methods`, separated by commas (`Allow`).
    pub(crate) fn method(methods: &str) -> Self {
        let detail = format!("this path allows {methods}");
        let problem = Problem::new(405, "request.method", "This method is not allowed here", detail);
        Self { allow: Some(methods.to_owned()), ..problem.into() }
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    r#type: Cow<'static, str>,
    #[serde(flatten)]
    problem: &'a Problem,
    trace_id: Option<String>,
}

impl<T: Into<Problem>> From<T> for ApiError {
    fn from(problem: T) -> Self {
        let problem: Problem = problem.into();
        let retry_after = (problem.status == 503).then_some(1);
        Self { problem: Box::new(problem), retry_after, allow: None }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        let r#type = match &self.problem.denial {
            Some(denial) => format!("{}#{}", denials::PAGE, denial.code).into(),
            None => "about:blank".into(),
        };
        let wire = Wire { r#type, problem: &self.problem, trace_id: crate::request::trace_id() };
        let body = serde_json::to_vec(&wire).unwrap_or_default();
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        if self.problem.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if self.problem.denial.is_some() {
            // It is about this caller at this moment, and may hold the challenge of a sign-in.
            response.insert_header((header::CACHE_CONTROL, "no-store"));
        }
        if self.problem.status == 408 {
            // Otherwise the rest of the body would be read as the next request.
            response.force_close();
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(methods) = &self.allow {
            response.insert_header((header::ALLOW, methods.as_str()));
        }
        response.body(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tryzore_kernel::Denial;

    #[test]
    fn a_denial_is_kept_in_no_cache() {
        let stored = |error: ApiError| error.error_response().headers().get(header::CACHE_CONTROL).cloned();
        let denial = Denial::right("auth.login.factor_required").because("challenge", "tzc_secret");
        assert_eq!(stored(denial.into()).unwrap(), "no-store");
        assert_eq!(stored(Problem::not_found("event").into()), None);
    }
}
