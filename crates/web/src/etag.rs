//! Versions of resources: `ETag` in answers, `If-Match` in requests that change them.

use crate::ApiError;
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, dev::Payload, http::header};
use serde::Serialize;
use std::future::{Ready, ready};
use tryzore_kernel::Problem;

/// The version in `If-Match`; none if the header is missing or `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i32>);

impl IfMatch {
    /// Refuses a change if the caller has read another version than `current`.
    ///
    /// # Errors
    /// 412 when the versions differ.
    pub fn check(self, current: i32) -> Result<(), Problem> {
        if self.0.is_none_or(|read| read == current) { Ok(()) } else { Err(Problem::stale()) }
    }

    /// The version in `If-Match`, for changes that require it.
    ///
    /// # Errors
    /// 428 (RFC 6585) `request.version_missing` when the header is missing or `*`.
    pub fn required(self) -> Result<i32, Problem> {
        self.0.ok_or_else(|| {
            let detail = "send `If-Match` with the ETag that you read, such as \"v3\"";
            Problem::new(428, "request.version_missing", "Say which version you change", detail)
        })
    }
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(header::IF_MATCH);
        let version = header.filter(|value| value.as_bytes() != b"*").map(|value| {
            let text = value.to_str().ok()?.strip_prefix("\"v")?.strip_suffix('"')?;
            text.parse().ok()
        });
        ready(match version {
            None => Ok(Self(None)),
            Some(Some(version)) => Ok(Self(Some(version))),
            Some(None) => {
                Err(Problem::invalid("If-Match", "expected the ETag of the resource, such as \"v3\"").into())
            }
        })
    }
}

/// 200 with `body` and its version as `ETag`.
pub fn versioned(version: i32, body: &impl Serialize) -> HttpResponse {
    tag(HttpResponse::Ok(), version).json(body)
}

/// Sets `version` as the `ETag` of `response`.
pub fn tag(mut response: HttpResponseBuilder, version: i32) -> HttpResponseBuilder {
    response.insert_header((header::ETAG, format!("\"v{version}\"")));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    async fn read(header: Option<&str>) -> Result<i32, u16> {
        let request = TestRequest::default();
        let request = match header {
            Some(header) => request.insert_header((header::IF_MATCH, header)),
            None => request,
        };
        let read = IfMatch::extract(&request.to_http_request()).await.map_err(|_| 422u16)?;
        read.required().map_err(|problem| problem.status)
    }

    #[actix_web::test]
    async fn a_change_that_requires_a_version_is_refused_without_one() {
        assert_eq!(read(Some("\"v3\"")).await, Ok(3));
        for silent in [None, Some("*")] {
            assert_eq!(read(silent).await, Err(428));
        }
        assert_eq!(read(Some("3")).await, Err(422));
    }
}
