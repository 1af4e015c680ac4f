//! The common parts of every provider's HTTP interface: failures as problem+json (RFC 9457), also those that
//! actix would answer with an empty body, and the routes of the shared state.

use crate::shared::{OutOfRange, Shared, TooManySwitches};
use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::{Error, InternalError, JsonPayloadError},
    http::{StatusCode, header},
    middleware::Next,
    web,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures::{Stream, stream};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};
use tryzore_kernel::Problem;

/// The greatest size of a JSON body.
const MOST_JSON: usize = 64 * 1024;
/// How often the stream sends a comment: a closed connection is noticed by then.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A problem as the answer of a handler.
#[derive(Debug)]
pub(crate) struct ApiError(pub(crate) Problem);

/// The result of a handler of the sandbox.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        HttpResponse::build(self.status_code()).content_type("application/problem+json").body(body)
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<OutOfRange> for ApiError {
    fn from(error: OutOfRange) -> Self {
        Self(Problem::invalid("/", error.to_string()))
    }
}

impl From<TooManySwitches> for ApiError {
    fn from(error: TooManySwitches) -> Self {
        Self(Problem::conflict("sandbox.too_many_switches", error.to_string()))
    }
}

/// The routes of the shared state, and the answers to bodies and parameters that are not valid.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    let json = web::JsonConfig::default().limit(MOST_JSON).error_handler(unreadable_json);
    let query = web::QueryConfig::default().error_handler(|error, _| malformed(&error));
    let path = web::PathConfig::default().error_handler(|error, _| {
        InternalError::from_response(error, ApiError(Problem::not_found("page")).error_response()).into()
    });
    config
        .app_data(json)
        .app_data(query)
        .app_data(path)
        .service(web::resource("/clock").get(read_clock).post(move_clock))
        .service(web::resource("/health/live").get(live))
        .service(web::resource("/health/ready").get(ready))
        .service(web::resource("/stream").get(follow));
}

/// Gives errors without a body (an unknown path, an unknown method) a problem as body.
pub(crate) async fn explain(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let told = response.headers().contains_key(header::CONTENT_TYPE);
    if !(status.is_client_error() || status.is_server_error()) || told {
        return Ok(response);
    }
    let problem = match status {
        StatusCode::NOT_FOUND => Problem::not_found("page"),
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(405, "request.method", "Method not allowed", "this page does not take this method")
        }
        _ => Problem::new(status.as_u16(), "request.refused", "Refused", status.to_string()),
    };
    let (request, _) = response.into_parts();
    Ok(ServiceResponse::new(request, ApiError(problem).error_response()))
}

fn malformed(error: &(impl fmt::Display + ?Sized)) -> Error {
    ApiError(Problem::malformed(error.to_string())).into()
}

fn unreadable_json(error: JsonPayloadError, _: &HttpRequest) -> Error {
    let problem = match &error {
        JsonPayloadError::ContentType => {
            Problem::new(415, "request.media_type", "Wrong media type", "send application/json")
        }
        JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => {
            Problem::new(413, "request.too_large", "Too large", format!("at most {MOST_JSON} bytes"))
        }
        other => Problem::malformed(other.to_string()),
    };
    ApiError(problem).into()
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

async fn live() -> web::Json<Health> {
    web::Json(Health { status: "live" })
}

/// Ready from the first answer until the stop begins: all listeners are bound before any request is served.
async fn ready(shared: web::Data<Shared>) -> ApiResult<web::Json<Health>> {
    if shared.closing.is_cancelled() {
        return Err(Problem::unavailable("the sandbox is stopping").into());
    }
    Ok(web::Json(Health { status: "ready" }))
}

#[derive(Serialize)]
struct ClockView {
    /// The time of the shared clock.
    now: String,
    /// How many seconds the shared clock is ahead of the machine's clock.
    offset_seconds: f64,
}

/// Exactly one of the three fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveClock {
    /// Sets the clock this many seconds ahead of the machine's clock; 0 resets it.
    offset_seconds: Option<i64>,
    /// Moves the clock by this many seconds.
    advance_seconds: Option<i64>,
    /// Sets the clock to this time.
    now: Option<DateTime<Utc>>,
}

fn clock_view(shared: &Shared) -> ClockView {
    ClockView {
        now: shared.now().to_rfc3339_opts(SecondsFormat::Millis, true),
        offset_seconds: shared.clock.offset().as_seconds_f64(),
    }
}

async fn read_clock(shared: web::Data<Shared>) -> web::Json<ClockView> {
    web::Json(clock_view(&shared))
}

async fn move_clock(
    shared: web::Data<Shared>,
    wish: web::Json<MoveClock>,
) -> ApiResult<web::Json<ClockView>> {
    let span = |seconds: i64| TimeDelta::try_seconds(seconds).ok_or(OutOfRange);
    match wish.into_inner() {
        MoveClock { offset_seconds: Some(by), advance_seconds: None, now: None } => {
            shared.clock.set_offset(span(by)?)?
        }
        MoveClock { offset_seconds: None, advance_seconds: Some(by), now: None } => {
            shared.clock.advance(span(by)?)?
        }
        MoveClock { offset_seconds: None, advance_seconds: None, now: Some(moment) } => {
            shared.clock.show(moment)?
        }
        _ => return Err(Problem::invalid("/", "send one of offset_seconds, advance_seconds and now").into()),
    }
    shared.changes.notify();
    Ok(web::Json(clock_view(&shared)))
}

/// Server-Sent Events: `change` whenever the shared state changed.
async fn follow(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(changes(shared))
}

fn changes(shared: web::Data<Shared>) -> impl Stream<Item = Result<web::Bytes, Error>> {
    let changes = shared.changes.listen();
    let hello = stream::iter([Ok(web::Bytes::from_static(b"retry: 1000\n\n"))]);
    let beats = stream::unfold((shared, changes), |(shared, mut changes)| async move {
        let said = tokio::select! {
            () = shared.closing.cancelled() => return None,
            beat = changes.changed() => { beat.ok()?; format!("event: change\ndata: {}\n\n", *changes.borrow_and_update()) }
            () = tokio::time::sleep(HEARTBEAT) => ": still here\n\n".to_owned(),
        };
        Some((Ok(web::Bytes::from(said)), (shared, changes)))
    });
    stream::StreamExt::chain(hello, beats)
}
