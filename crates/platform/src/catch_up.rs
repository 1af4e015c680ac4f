//! Following what no webhook has reported: the events of a provider are read from where reading ended last.
//!
//! An event is stored like a delivery, under the provider's id of it, so it is processed once, whether its
//! webhook came before, comes later, or never.

use crate::{Arrival, Delivery, receive::pending};
use chrono::{DateTime, TimeDelta, Utc};
use tryzore_kernel::{StoreResult, WebhookId};

/// How far back the first reading goes, and how much is read twice after a long silence.
pub const FIRST: TimeDelta = TimeDelta::days(1);
/// How long the event at the cursor is expected to be known to the provider.
pub const CURSOR_LIFE: TimeDelta = TimeDelta::days(25);

/// Up to where the events of a provider were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The provider's id of the last event; `None` if there was none yet.
    pub event: Option<String>,
    /// When the last event was read.
    pub moved_at: DateTime<Utc>,
    /// When the provider was last asked.
    pub read_at: DateTime<Utc>,
}

/// Where to read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadFrom {
    /// After this event.
    Event(String),
    /// From this time.
    Time(DateTime<Utc>),
}

/// A page of events, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    /// The events that the product follows.
    pub events: Vec<Arrival>,
    /// The provider's id of the last event of the page; `None` if there was none.
    pub last: Option<String>,
    /// Whether there may be more.
    pub is_full: bool,
}

/// Where to read on after `cursor` at `now`. An event that the provider may have forgotten is not asked for.
#[must_use]
pub fn resume_at(cursor: Option<&Cursor>, now: DateTime<Utc>) -> ReadFrom {
    match cursor {
        None => ReadFrom::Time(now - FIRST),
        Some(Cursor { event: Some(event), moved_at, .. }) if now - *moved_at < CURSOR_LIFE => {
            ReadFrom::Event(event.clone())
        }
        Some(cursor) => ReadFrom::Time(cursor.read_at - FIRST),
    }
}

/// Stores deliveries that were read, and up to where.
#[trait_variant::make(Send)]
pub trait Cursors {
    /// The cursor of a provider, locked: one worker reads at a time.
    async fn cursor_lock(&mut self, provider: &str) -> StoreResult<Option<Cursor>>;
    /// Stores the cursor of a provider.
    async fn cursor_save(&mut self, provider: &str, cursor: &Cursor) -> StoreResult<()>;
    /// Adds those deliveries that are not stored yet and enqueues processing them; returns which.
    async fn deliveries_insert(&mut self, deliveries: &[Delivery]) -> StoreResult<Vec<WebhookId>>;
}

/// Stores `page` of `provider`, unless another worker has read on since from `before`; returns how many of its
/// events no webhook had reported.
///
/// # Errors
/// When the store fails: the page is read again.
pub async fn keep_page<T: Cursors>(
    tx: &mut T,
    provider: &str,
    before: Option<&Cursor>,
    page: EventPage,
    now: DateTime<Utc>,
) -> StoreResult<usize> {
    let current = tx.cursor_lock(provider).await?;
    if current.as_ref().map(|cursor| &cursor.event) != before.map(|cursor| &cursor.event) {
        return Ok(0);
    }
    let deliveries: Vec<Delivery> = page.events.into_iter().map(|arrival| pending(arrival, now)).collect();
    let added = if deliveries.is_empty() { Vec::new() } else { tx.deliveries_insert(&deliveries).await? };
    let known = current.and_then(|cursor| cursor.event.map(|event| (event, cursor.moved_at)));
    let (event, moved_at) = match (page.last, known) {
        (Some(last), _) => (Some(last), now),
        (None, Some((event, moved_at))) => (Some(event), moved_at),
        (None, None) => (None, now),
    };
    tx.cursor_save(provider, &Cursor { event, moved_at, read_at: now }).await?;
    Ok(added.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[test]
    fn reading_begins_a_day_back_and_goes_on_after_the_last_event() {
        assert_eq!(resume_at(None, NOW), ReadFrom::Time(NOW - TimeDelta::days(1)));
        let cursor = Cursor { event: Some("event_1".into()), moved_at: NOW, read_at: NOW };
        assert_eq!(resume_at(Some(&cursor), NOW), ReadFrom::Event("event_1".into()));
        let empty = Cursor { event: None, ..cursor };
        assert_eq!(resume_at(Some(&empty), NOW), ReadFrom::Time(NOW - TimeDelta::days(1)));
    }

    #[test]
    fn an_event_that_may_be_forgotten_is_not_asked_for() {
        let end = NOW + TimeDelta::days(25);
        let cursor = Cursor { event: Some("event_1".into()), moved_at: NOW, read_at: end };
        let before = end - TimeDelta::microseconds(1);
        assert_eq!(resume_at(Some(&cursor), before), ReadFrom::Event("event_1".into()));
        assert_eq!(resume_at(Some(&cursor), end), ReadFrom::Time(end - TimeDelta::days(1)));
    }
}
