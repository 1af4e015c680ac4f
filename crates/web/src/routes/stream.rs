//! `GET /stream`: what happens, as it happens (Server-Sent Events).
//!
//! A stream is pulled, never pushed: a slow reader holds up itself only. It ends when the session
//! is revoked or expires, and a reader who comes back with `Last-Event-ID` misses nothing.

use crate::{Allow, ApiError, Caller};
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    web::{Bytes, Data},
};
use futures::stream::unfold;
use std::{convert::Infallible, time::Duration};
use tokio::{sync::watch, time::timeout};
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_rbac::{Permit, catalogue::OwnProfile};

/// Changes whenever there may be something new on a stream.
pub struct Wake(pub watch::Receiver<i64>);

// A comment now and then keeps proxies from hanging up, and tells us that the reader is gone.
const HEARTBEAT: Duration = Duration::from_secs(15);
// Without a wake-up (none is sent, or one was lost) this often.
const POLL: Duration = Duration::from_secs(1);

/// What happens, as it happens
///
/// One event of the stream per event of the product: `id` is its position, `event` its kind, `data`
/// its JSON. One hears of what concerns oneself, and of what one may see at one's locations. Send
/// the last `id` as `Last-Event-ID` to go on where the last stream ended.
#[utoipa::path(
    tag = "stream",
    params(("Last-Event-ID" = Option<i64>, Header, description = "Go on after this event")),
    responses((status = 200, body = String, content_type = "text/event-stream")),
    extensions(("x-permission" = json!("own.profile")))
)]
#[get("/stream")]
pub(super) async fn follow(
    Allow(permit): Allow<OwnProfile>,
    request: HttpRequest,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let position = match request.headers().get("Last-Event-ID") {
        Some(value) => value.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
            Problem::invalid("Last-Event-ID", "expected the `id` of an event of this stream")
        })?,
        None => db.tenant_tx(&permit, async |tx| tx.stream_end().await).await?,
    };
    let wake = request.app_data::<Data<Wake>>().map(|wake| wake.0.clone());
    let reader = Reader { db, permit, request, position, wake, quiet: Duration::ZERO };
    let events = unfold(reader, |mut reader| async {
        let text = reader.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(text)), reader))
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
    wake: Option<watch::Receiver<i64>>,
    quiet: Duration,
}

impl Reader {
    // The next piece of the stream; none when it ends.
    async fn next(&mut self) -> Option<String> {
        loop {
            // Grants change and sessions end while a stream lasts.
            let Caller(grants) = Caller::of(&self.request).await.ok()?;
            self.permit = grants.permit::<OwnProfile>().ok()?;
            let position = self.position;
            let stretch =
                self.db.tenant_tx(&self.permit, async |tx| tx.stream_after(position, &grants).await).await;
            let stretch = stretch.ok()?;
            self.position = stretch.position;
            if !stretch.events.is_empty() {
                self.quiet = Duration::ZERO;
                return Some(
                    stretch
                        .events
                        .iter()
                        .map(|event| {
                            let data = serde_json::to_string(event).unwrap_or_default();
                            format!("id: {}\nevent: {}\ndata: {data}\n\n", event.position, event.kind)
                        })
                        .collect(),
                );
            }
            if !stretch.more {
                self.rest().await;
            }
            if self.quiet >= HEARTBEAT {
                self.quiet = Duration::ZERO;
                return Some(": still here\n\n".into());
            }
        }
    }

    async fn rest(&mut self) {
        match &mut self.wake {
            Some(wake) => {
                let _ = timeout(POLL, wake.changed()).await;
            }
            None => tokio::time::sleep(POLL).await,
        }
        self.quiet += POLL;
    }
}
