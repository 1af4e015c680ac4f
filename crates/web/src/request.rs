//! What every request gets: an id, a trace, and the right to be finished.

use crate::ApiError;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};
use std::cell::RefCell;
use tryzore_kernel::{Clock, Problem, SystemClock, id::uuid_at};

tokio::task_local! {
    static TRACE: RefCell<String>;
}

/// The id of the request that is being answered: 32 hexadecimal digits, a W3C trace id.
pub fn trace_id() -> Option<String> {
    TRACE.try_with(|trace| trace.borrow().clone()).ok()
}

/// Gives the request its id: the caller's trace (`traceparent`) when it has one. Answers carry it as
/// `X-Request-Id`, problems as `trace_id`.
pub(crate) async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let inherited = request.headers().get("traceparent").and_then(|value| trace_of(value.to_str().ok()?));
    let id = inherited.unwrap_or_else(|| uuid_at(SystemClock.now()).simple().to_string());
    let header = HeaderValue::from_str(&id);
    let mut response = TRACE.scope(RefCell::new(id), run_to_end(request, next)).await?;
    if let Ok(header) = header {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), header);
    }
    Ok(response)
}

// actix drops a handler when its client hangs up. A command that was begun is finished all the same:
// it runs as a task of its own. A handler that panics is a 500, not a broken connection.
async fn run_to_end<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let trace = RefCell::new(trace_id().unwrap_or_default());
    let task = actix_web::rt::spawn(TRACE.scope(trace, async move { next.call(request).await }));
    task.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a handler panicked");
        Err(ApiError::from(Problem::internal()).into())
    })
}

// version-traceid-parentid-flags; an id of zeros is none.
fn trace_of(traceparent: &str) -> Option<String> {
    let id = traceparent.split('-').nth(1)?;
    let valid = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()) && id.bytes().any(|b| b != b'0');
    valid.then(|| id.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_over_a_trace_that_holds() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace_of(&format!("00-{id}-00f067aa0ba902b7-01")).as_deref(), Some(id));
        assert_eq!(trace_of(&format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32))), None);
        assert_eq!(trace_of("00-xyz-1-01"), None);
    }
}
