//! Every request gets an id, a trace and an origin, and runs to its end.

use crate::{ApiError, limit::Limits};
use actix_web::{
    Error, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use tracing::Instrument;
use tryzore_kernel::{Clock, Problem, SystemClock, id::uuid_at};
use tryzore_postgres::RequestOrigin;

tokio::task_local! {
    static TRACE: String;
}

/// The id of the request that is being answered: 32 hexadecimal digits, a W3C trace id.
pub fn trace_id() -> Option<String> {
    TRACE.try_with(String::clone).ok()
}

/// Gives the request its id: the trace id of the caller (`traceparent`) if there is one. Answers have it as
/// `X-Request-Id`, problems as `trace_id`, and log lines in their span `request`, with the method and the
/// route: not the path, which contains ids and tokens.
pub(crate) async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let inherited = request.headers().get("traceparent").and_then(|value| trace_of(value.to_str().ok()?));
    let id = inherited.unwrap_or_else(|| uuid_at(SystemClock.now()).simple().to_string());
    let (method, route) = (request.method().as_str(), request.match_pattern());
    // At the highest level, so that no filter removes the span from lines that it lets through.
    let span = tracing::error_span!("request", id, method, route);
    TRACE.scope(id, answer(request, next).instrument(span)).await
}

async fn answer<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    match run_to_end(request, next).await {
        Ok(mut response) => {
            name(response.headers_mut());
            Ok(response)
        }
        // Turned into an answer here: outer middleware does not know the id.
        Err(error) => {
            let mut response = error.error_response();
            name(response.headers_mut());
            Err(InternalError::from_response(error, response).into())
        }
    }
}

fn name(headers: &mut HeaderMap) {
    if let Some(id) = trace_id().and_then(|id| HeaderValue::from_str(&id).ok()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

// actix drops a handler when its client disconnects. A command that has begun must finish all the same, so
// it runs as a task of its own. A handler that panics is a 500, not a broken connection.
async fn run_to_end<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let request_origin = request_origin_of(request.request());
    let work = request_origin.scope(async move { next.call(request).await }).in_current_span();
    let task = actix_web::rt::spawn(TRACE.scope(trace_id().unwrap_or_default(), work));
    task.await.unwrap_or_else(|error| {
        Err(ApiError::from(Problem::internal(format!("a handler panicked: {error}"))).into())
    })
}

/// The most characters of a `User-Agent` that are stored.
const AGENT_MAX: usize = 255;

/// The origin of `request`, with the `User-Agent` shortened.
pub fn request_origin_of(request: &HttpRequest) -> RequestOrigin {
    let agent = request.headers().get(header::USER_AGENT);
    RequestOrigin {
        ip_address: request.app_data::<Data<Limits>>().and_then(|limits| limits.address(request)),
        user_agent: agent
            .map(|value| String::from_utf8_lossy(value.as_bytes()).chars().take(AGENT_MAX).collect()),
    }
}

// version-traceid-parentid-flags; an id of zeros is not valid.
fn trace_of(traceparent: &str) -> Option<String> {
    let id = traceparent.split('-').nth(1)?;
    let valid = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()) && id.bytes().any(|b| b != b'0');
    valid.then(|| id.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::LimitSettings;

    #[test]
    fn a_valid_trace_id_is_adopted() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace_of(&format!("00-{id}-00f067aa0ba902b7-01")).as_deref(), Some(id));
        assert_eq!(trace_of(&format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32))), None);
        assert_eq!(trace_of("00-xyz-1-01"), None);
    }

    #[test]
    fn cmp_03_a_forwarded_address_counts_only_if_proxies_are_trusted() {
        let many = std::num::NonZeroU32::MAX;
        for (trusted_proxies, address) in [(0, "127.0.0.1"), (1, "192.0.2.7"), (2, "198.51.100.1")] {
            let limits = Limits::new(&LimitSettings {
                per_address: many,
                per_user: many,
                per_api_key: many,
                per_organization: many,
                trusted_proxies,
            });
            let request = actix_web::test::TestRequest::default()
                .peer_addr(([127, 0, 0, 1], 4000).into())
                .insert_header(("X-Forwarded-For", "198.51.100.1, 192.0.2.7"))
                .insert_header((header::USER_AGENT, "x".repeat(AGENT_MAX + 1)))
                .app_data(Data::new(limits));
            let request_origin = request_origin_of(&request.to_http_request());
            assert_eq!(request_origin.ip_address, Some(address.parse().unwrap()));
            assert_eq!(request_origin.user_agent.unwrap().len(), AGENT_MAX);
        }
    }
}
