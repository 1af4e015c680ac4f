//! Reads the events of the identity provider from where reading ended last, so that what no webhook has reported
//! is followed all the same. They are stored and processed like webhooks, each once.

use crate::Services;
use serde::Serialize;
use tryzore_auth::Either;
use tryzore_kernel::Problem;
use tryzore_platform::{
    Arrival,
    catch_up::{EventPage, ReadFrom, keep_page, resume_at},
};
use tryzore_platform_postgres::Platform;
use tryzore_rbac::SystemActor;

/// The name of the provider, as in its webhooks.
const PROVIDER: &str = "workos";
/// The most pages of a run; the next run goes on.
const PAGES: usize = 50;

/// The result of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Followed {
    /// How many pages were read.
    pub pages: usize,
    /// How many events no webhook had reported.
    pub missed: usize,
    /// Whether the provider could not be asked, or not to the end.
    pub is_unreachable: bool,
}

/// Reads and stores what is new. There is nothing to read where passwords are stored here.
///
/// # Errors
/// When the database fails: the next run reads on from the last stored page, as it does when the provider cannot be
/// reached.
pub async fn follow_events(services: &Services) -> Result<Followed, Problem> {
    let mut followed = Followed::default();
    let Either::Right(provider) = &*services.identity else { return Ok(followed) };
    let db = &services.db;
    while followed.pages < PAGES {
        let before = db
            .platform_tx(SystemActor::Webhook, async |tx| tx.platform().cursor_find(PROVIDER).await)
            .await?;
        let (after, since) = match resume_at(before.as_ref(), services.now()) {
            ReadFrom::Event(event) => (Some(event), None),
            ReadFrom::Time(time) => (None, Some(time)),
        };
        let read = provider.events_read(after, since).await;
        let read = match read {
            Ok(read) => read,
            // The next minute tries again: a job that is repeated besides would only ask more often.
            Err(error) => {
                tracing::warn!(%error, "the events of the identity provider could not be read");
                return Ok(Followed { is_unreachable: true, ..followed });
            }
        };
        let arrivals = read.events.into_iter().map(|event| Arrival {
            provider: PROVIDER.to_owned(),
            external_id: event.id,
            event_type: event.kind,
            headers: Default::default(),
            raw_payload: event.payload,
        });
        let page = EventPage { events: arrivals.collect(), last: read.last, is_full: read.is_full };
        let (is_full, now) = (page.is_full, services.now());
        let keep = db.platform_tx(SystemActor::Webhook, async |tx| {
            keep_page(&mut tx.platform(), PROVIDER, before.as_ref(), page, now).await
        });
        followed.missed += keep.await?;
        followed.pages += 1;
        if !is_full {
            break;
        }
    }
    if followed.missed > 0 {
        tracing::info!(missed = followed.missed, "events that no webhook had reported");
    }
    Ok(followed)
}
