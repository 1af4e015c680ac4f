//! Which origins may call from browsers (AUT-08): exactly those of the list.

use crate::ApiError;
use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use tryzore_kernel::Problem;

/// Origins that may call, such as `https://app.example.com`: scheme, host and port.
pub struct Origins(pub Vec<String>);

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, traceparent";
const EXPOSED: &str = "ETag, Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id";

/// Answers preflight requests, and sets the headers of cross-origin answers.
pub(crate) async fn guard<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    let listed = request
        .app_data::<Data<Origins>>()
        .is_some_and(|origins| origins.0.iter().any(|known| known.as_bytes() == origin.as_bytes()));
    if request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    {
        if !listed {
            let refused = Problem::new(403, "request.origin", "This origin may not call", "it is not listed");
            return Err(ApiError::from(refused).into());
        }
        let mut response = HttpResponse::NoContent().finish();
        allow(response.headers_mut(), origin);
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        return Ok(request.into_response(response).map_into_right_body());
    }
    match next.call(request).await {
        Ok(response) if listed => {
            let mut response = response.map_into_left_body();
            allow(response.headers_mut(), origin);
            Ok(response)
        }
        // Pages may also read refusals of inner middleware, such as those of the limits.
        Err(error) if listed => {
            let mut response = error.error_response();
            allow(response.headers_mut(), origin);
            Err(InternalError::from_response(error, response).into())
        }
        answered => answered.map(ServiceResponse::map_into_left_body),
    }
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}
