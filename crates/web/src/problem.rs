//! How a request fails: `application/problem+json` (RFC 9457), whoever failed it.

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use std::fmt;
use tryzore_kernel::Problem;

/// The error of every handler.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError(Box<Problem>);

impl ApiError {
    /// The problem that it tells.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.0
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    problem: &'a Problem,
    trace_id: Option<String>,
}

impl<T: Into<Problem>> From<T> for ApiError {
    fn from(problem: T) -> Self {
        Self(Box::new(problem.into()))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let wire = Wire { r#type: "about:blank", problem: &self.0, trace_id: crate::request::trace_id() };
        let body = serde_json::to_vec(&wire).unwrap_or_default();
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        match self.0.status {
            401 => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            503 => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            _ => {}
        }
        response.body(body)
    }
}
