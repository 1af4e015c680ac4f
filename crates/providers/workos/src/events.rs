//! The events of WorkOS, oldest first: the same as its webhooks report, with the same ids.

use crate::{error::of_any, provider::WorkOs};
use chrono::{DateTime, SecondsFormat, Utc};
use tryzore_auth::IdentityError;
use workos::{EventSchema, PaginationOrder, events::ListEventsParams};

/// The kinds of events that the product follows.
pub const KINDS: [&str; 10] = [
    "user.updated",
    "user.deleted",
    "session.revoked",
    "connection.activated",
    "connection.deactivated",
    "connection.deleted",
    "organization_domain.updated",
    "organization_domain.verified",
    "organization_domain.verification_failed",
    "organization_domain.deleted",
];
/// The most events of a page.
pub const PAGE: usize = 100;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The id, the same as that of its webhook.
    pub id: String,
    /// The kind, such as `session.revoked`.
    pub kind: String,
    /// The event as a webhook would have it.
    pub payload: Vec<u8>,
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events {
    /// The events that the product follows.
    pub events: Vec<Event>,
    /// The id of the last event of the page, followed or not; `None` for an empty page.
    pub last: Option<String>,
    /// Whether there may be more.
    pub is_full: bool,
}

impl WorkOs {
    /// The events after the event `after`, else those since `since`, oldest first.
    ///
    /// # Errors
    /// When WorkOS cannot be reached, limits our requests, or refuses them.
    pub async fn events_read(
        &self,
        after: Option<String>,
        since: Option<DateTime<Utc>>,
    ) -> Result<Events, IdentityError> {
        let params = ListEventsParams {
            after,
            range_start: since.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)),
            limit: i64::try_from(PAGE).ok(),
            order: Some(PaginationOrder::Asc),
            ..ListEventsParams::new(KINDS.map(str::to_owned).to_vec())
        };
        let page = self.client().events().list_events(params).await.map_err(of_any)?;
        let (last, is_full) = (page.data.last().map(|event| event.id.clone()), page.data.len() >= PAGE);
        let followed = page.data.into_iter().filter(|event| KINDS.contains(&event.event.as_str()));
        let events = followed.map(event).collect::<Result<_, _>>()?;
        Ok(Events { events, last, is_full })
    }
}

fn event(it: EventSchema) -> Result<Event, IdentityError> {
    let payload = serde_json::to_vec(&it);
    let payload = payload.map_err(|error| IdentityError::Broken(format!("an event of WorkOS: {error}")))?;
    Ok(Event { id: it.id, kind: it.event, payload })
}
