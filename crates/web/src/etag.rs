//! Versions of resources: `ETag` in answers, `If-Match` in requests that change them.
//!
//! A view with a field `version` is answered with that version as its `ETag`: by [`Resource`] for a read, by
//! [`Change`] for a change, and by [`Once`](crate::Once) for a command.

use crate::ApiError;
use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, Responder, ResponseError,
    body::BoxBody,
    dev::Payload,
    http::{
        StatusCode,
        header::{self, ContentType},
    },
    web::Data,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};
use tryzore_kernel::Problem;
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::{Permission, Permit};
use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

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
            text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
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

/// A change of a resource whose version the caller has read: requires `If-Match`, and runs as one transaction.
pub struct Change {
    db: Data<Db>,
    version: i32,
}

impl Change {
    /// Runs `work` with the version that the caller has read and the time, and answers 200 with the changed
    /// resource.
    ///
    /// # Errors
    /// The error of `work`.
    pub async fn done<P, T, E>(
        self,
        permit: &Permit<P>,
        work: impl AsyncFnOnce(&mut TenantTx, i32, DateTime<Utc>) -> Result<T, E>,
    ) -> Result<Resource<T>, ApiError>
    where
        P: Permission,
        E: Into<Problem>,
    {
        let now = self.db.clock().now();
        Ok(Resource(self.db.tenant_tx(permit, async |tx| work(tx, self.version, now).await).await?))
    }
}

impl FromRequest for Change {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let db = request.app_data::<Data<Db>>().cloned();
        let version = IfMatch::from_request(request, payload).into_inner();
        ready(version.and_then(|read| {
            let db = db.ok_or_else(|| Problem::internal("no database is configured"))?;
            Ok(Self { db, version: read.required()? })
        }))
    }
}

/// The header as a parameter of the contract.
impl IntoParams for Change {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = ParameterBuilder::new().name("If-Match").parameter_in(ParameterIn::Header);
        vec![header.required(Required::True).description(Some("The ETag that you read")).build()]
    }
}

/// A resource as an answer: 200 with its JSON, and its version as `ETag` if it has one.
pub struct Resource<T>(pub T);

impl<T: Serialize> Responder for Resource<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        answer(StatusCode::OK, &self.0)
    }
}

/// An answer with `body` as its JSON, and with its version as `ETag` if it has one.
pub(crate) fn answer(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    match serde_json::to_string(body) {
        Ok(json) => stored(HttpResponse::build(status), json),
        Err(error) => ApiError::from(Problem::internal(error)).error_response(),
    }
}

/// `response` with a body that is JSON already, and with its version as `ETag` if it has one.
pub(crate) fn stored(mut response: HttpResponseBuilder, json: String) -> HttpResponse {
    #[derive(Deserialize)]
    struct Version {
        version: i32,
    }
    if let Ok(Version { version }) = serde_json::from_str(&json) {
        response = tag(response, version);
    }
    response.content_type(ContentType::json()).body(json)
}

/// Sets `version` as the `ETag` of `response`.
fn tag(mut response: HttpResponseBuilder, version: i32) -> HttpResponseBuilder {
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
