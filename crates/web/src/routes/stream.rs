//! `GET /stream`: events as they happen (Server-Sent Events).
//!
//! A stream is pulled, never pushed: a slow reader delays only itself. A stream reads when it is woken
//! ([`StreamSignals`]) and, in case a notification was lost, every [`POLL`]; with many events, one portion
//! every [`PAUSE`]. A reader whose last event has been deleted, is too far back or belongs to another stream
//! has to start anew (`reset`). A stream ends at once when the session is revoked, when it expires, and when
//! the service stops; a reader who reconnects with `Last-Event-ID` misses nothing.

use crate::{
    Allow, ApiError, Caller,
    limit::Limits,
    open_streams::OpenStream,
    stream_signals::{Signal, StreamSignals, Subscriber},
};
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    web::{Bytes, Data},
};
use futures::stream::unfold;
use std::{convert::Infallible, time::Duration};
use tokio::time::{Instant, sleep_until};
use tracing::{Instrument, Span};
use tryzore_kernel::Problem;
use tryzore_postgres::{
    Db,
    stream::{Resume, StreamedEvent},
};
use tryzore_rbac::{Permit, catalogue::OwnProfile};

// A comment now and then keeps proxies from closing the connection, and detects that the reader is gone. The
// session is checked then as well: sessions expire without a notification.
const HEARTBEAT: Duration = Duration::from_secs(15);
// How often to read without a notification, in case one was lost.
const POLL: Duration = Duration::from_secs(30);
// The pause between reads: a burst is read in a few portions, not event by event.
const PAUSE: Duration = Duration::from_millis(50);

/// Follow domain events
///
/// Server-Sent Events: `id` is the position of a domain event in the stream, `event` its kind and `data`
/// its JSON. The stream holds the events that concern you, and those that you may see at your locations.
/// Send the last `id` as `Last-Event-ID` to continue where the last stream ended. When that is not
/// possible, because the event is no longer stored, is more than 5,000 events ago or does not belong to
/// this stream, the first event is `reset`: read again what you display; the stream continues from now. A
/// user may have 16 open streams at a time, and an IP address 256; further ones are refused with
/// `stream.too_many`.
#[utoipa::path(
    operation_id = "stream_events",
    tag = "stream",
    params(("Last-Event-ID" = Option<i64>, Header, description = "Continue after this event")),
    responses((status = 200, body = String, content_type = "text/event-stream")),
    extensions(("x-permission" = json!("own.profile")), ("x-denials" = json!(["stream.too_many"])))
)]
#[get("/stream")]
pub(super) async fn follow(
    Allow(permit): Allow<OwnProfile>,
    request: HttpRequest,
    db: Data<Db>,
    signals: Data<StreamSignals>,
) -> Result<HttpResponse, ApiError> {
    // Before anything is read, so that no later event is missed.
    let subscriber = signals.subscriber(permit.tenant());
    let address = request.app_data::<Data<Limits>>().and_then(|limits| limits.address(&request));
    let open = signals.open.open(permit.actor().user(), address).map_err(too_many)?;
    let (position, first_text) = match request.headers().get("Last-Event-ID") {
        Some(value) => {
            let last = value.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
                Problem::invalid("Last-Event-ID", "expected the `id` of an event of this stream")
            })?;
            match db.tenant_tx(&permit, async |tx| tx.stream_resume(last).await).await? {
                Resume::After(position) => (position, None),
                Resume::Reset { end } => (end, Some(reset(end))),
            }
        }
        None => (db.tenant_tx(&permit, async |tx| tx.stream_end().await).await?, None),
    };
    let pace = Pace::new(Instant::now());
    let reader = Reader { db, permit, request, position, first_text, subscriber, pace, _open: open };
    let span = Span::current();
    let events = unfold(reader, move |mut reader| {
        let next = async move {
            let text = reader.next().await?;
            Some((Ok::<_, Infallible>(Bytes::from(text)), reader))
        };
        next.instrument(span.clone())
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .insert_header(header::ContentEncoding::Identity)
        .streaming(events))
}

struct Reader {
    db: Data<Db>,
    permit: Permit<OwnProfile>,
    request: HttpRequest,
    position: i64,
    // The first text of the stream, if there is one.
    first_text: Option<String>,
    subscriber: Subscriber,
    pace: Pace,
    _open: OpenStream,
}

impl Reader {
    // The next piece of the stream; `None` at its end. An error can only be logged here.
    async fn next(&mut self) -> Option<String> {
        self.read().await.inspect_err(ApiError::log).ok().flatten()
    }

    async fn read(&mut self) -> Result<Option<String>, ApiError> {
        if let Some(first_text) = self.first_text.take() {
            return Ok(Some(first_text));
        }
        loop {
            // Grants change and sessions end while a stream lasts.
            let Caller(grants) = Caller::of(&self.request).await?;
            self.permit = grants.permit::<OwnProfile>()?;
            if self.pace.is_read_due(Instant::now()) {
                let position = self.position;
                let stretch =
                    self.db.tenant_tx(&self.permit, async |tx| tx.stream_after(position, &grants).await);
                let stretch = stretch.await?;
                self.position = stretch.position;
                self.pace.has_read(Instant::now(), stretch.more);
                if !stretch.events.is_empty() {
                    self.pace.has_sent(Instant::now());
                    return Ok(Some(stretch.events.iter().map(format_event).collect()));
                }
            }
            if self.pace.is_comment_due(Instant::now()) {
                self.pace.has_sent(Instant::now());
                return Ok(Some(": still here\n\n".into()));
            }
            match self.subscriber.wait(self.pace.next()).await {
                Signal::News => sleep_until(self.pace.hurry()).await,
                Signal::Recheck | Signal::Clock => {}
                Signal::End => return Ok(None),
            }
        }
    }
}

fn too_many(problem: Problem) -> ApiError {
    ApiError::from(problem).retry_after(15)
}

// The reader's state may have gaps; the next events come after `end`.
fn reset(end: i64) -> String {
    format!("id: {end}\nevent: reset\ndata: {{\"kind\":\"reset\"}}\n\n")
}

fn format_event(event: &StreamedEvent) -> String {
    let data = serde_json::to_string(event).unwrap_or_default();
    format!("id: {}\nevent: {}\ndata: {data}\n\n", event.position, event.kind)
}

// When a stream reads, and when it sends a comment.
#[derive(Debug)]
struct Pace {
    read_at: Instant,
    not_before: Instant,
    comment_at: Instant,
}

impl Pace {
    fn new(now: Instant) -> Self {
        Self { read_at: now, not_before: now, comment_at: now + HEARTBEAT }
    }

    fn is_read_due(&self, now: Instant) -> bool {
        now >= self.read_at
    }

    fn is_comment_due(&self, now: Instant) -> bool {
        now >= self.comment_at
    }

    fn has_read(&mut self, now: Instant, more: bool) {
        self.not_before = now + PAUSE;
        self.read_at = now + if more { PAUSE } else { POLL };
    }

    fn has_sent(&mut self, now: Instant) {
        self.comment_at = now + HEARTBEAT;
    }

    // Reads as soon as the pause allows; returns when.
    fn hurry(&mut self) -> Instant {
        self.read_at = self.read_at.min(self.not_before);
        self.read_at
    }

    // When to read or to send a comment.
    fn next(&self) -> Instant {
        self.read_at.min(self.comment_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_nanos(1);

    #[test]
    fn a_stream_reads_at_once_then_when_it_is_woken_and_at_least_every_thirty_seconds() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert!(pace.is_read_due(start), "what happened since `Last-Event-ID`");
        pace.has_read(start, true);
        assert_eq!(pace.next(), start + PAUSE, "there was more, but others read as well");
        assert!(!pace.is_read_due(start + PAUSE - TICK) && pace.is_read_due(start + PAUSE));
        pace.has_read(start, false);
        assert!(!pace.is_read_due(start + POLL - TICK) && pace.is_read_due(start + POLL));
        assert_eq!(pace.hurry(), start + PAUSE, "signaled right behind a read");
        assert!(!pace.is_read_due(start + PAUSE - TICK) && pace.is_read_due(start + PAUSE));
        let later = start + Duration::from_secs(10);
        assert!(pace.hurry() < later, "signaled after a while: at once");
    }

    #[test]
    fn a_stream_reads_once_per_pause_however_often_it_is_woken() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        pace.has_read(start, true);
        assert_eq!(pace.hurry(), start + PAUSE);
        assert_eq!(pace.hurry(), start + PAUSE);
    }

    #[test]
    fn a_quiet_stream_sends_a_comment_every_fifteen_seconds() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        pace.has_read(start, false);
        assert_eq!(pace.next(), start + HEARTBEAT, "the session is checked more often than events are read");
        assert!(!pace.is_comment_due(start + HEARTBEAT - TICK) && pace.is_comment_due(start + HEARTBEAT));
        pace.has_sent(start + HEARTBEAT);
        assert!(!pace.is_comment_due(start + HEARTBEAT));
        assert_eq!(pace.next(), start + POLL);
    }
}
