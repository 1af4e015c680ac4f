//! Versions: `ETag` on what can change, `If-Match` on what changes it.

use crate::ApiError;
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, dev::Payload, http::header};
use serde::Serialize;
use std::future::{Ready, ready};
use tryzore_kernel::Problem;

/// The version that a caller has read, from `If-Match`; none when it does not care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i32>);

impl IfMatch {
    /// Refuses a change of what was read as another version than `current`.
    ///
    /// # Errors
    /// 412 when it is stale.
    pub fn check(self, current: i32) -> Result<(), Problem> {
        if self.0.is_none_or(|read| read == current) { Ok(()) } else { Err(Problem::stale()) }
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

/// `response` with `version` as its `ETag`.
pub fn tag(mut response: HttpResponseBuilder, version: i32) -> HttpResponseBuilder {
    response.insert_header((header::ETAG, format!("\"v{version}\"")));
    response
}
