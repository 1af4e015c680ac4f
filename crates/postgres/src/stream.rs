//! The event stream, for the clients that follow it.
//!
//! A follower remembers the position of the last event that it received. The worker assigns positions
//! after the commit and in one order, so no event appears later at a position that a follower has passed.
//! Then the worker notifies [`crate::runtime::outbox::STREAM`] how far the log goes and in which
//! tenants something happened ([`News`]): followers of other tenants need not query.

use crate::{
    TenantTx,
    runtime::Heard,
    statement,
    visibility::{is_visible_to_others, is_visible_to_subject},
};
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    dsl::max,
    prelude::*,
    sql_types::{BigInt, Bool, Uuid},
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use tokio::sync::watch;
use tryzore_kernel::{OrganizationId, OutboxId, StoreResult, TenantId, UserId};
use tryzore_rbac::Grants;
use tryzore_schema::runtime::outbox;

/// An event of the stream.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = outbox)]
pub struct StreamedEvent {
    /// The position in the stream.
    #[serde(skip)]
    #[diesel(select_expression = outbox::position.assume_not_null())]
    pub position: i64,
    /// The id of the event.
    pub id: OutboxId,
    /// Domain and past tense, such as `events.booked`.
    pub kind: String,
    /// The location of the event.
    pub organization_id: Option<OrganizationId>,
    #[serde(skip)]
    subject_id: Option<UserId>,
    #[serde(skip)]
    audience: Option<String>,
    /// When the event happened.
    pub occurred_at: DateTime<Utc>,
    /// The data of the event.
    pub payload: Value,
}

impl StreamedEvent {
    // Users see events about themselves; managers also those of their locations.
    fn is_visible_to(&self, grants: &Grants) -> bool {
        let audience = self.audience.as_deref();
        is_visible_to_subject(grants, audience, self.subject_id)
            || is_visible_to_others(grants, audience, self.organization_id)
    }
}

/// A portion of the stream.
#[derive(Debug)]
pub struct Stretch {
    /// The events that the follower may see.
    pub events: Vec<StreamedEvent>,
    /// The position to continue after.
    pub position: i64,
    /// Whether more events may be available right away.
    pub more: bool,
}

const STRETCH: i64 = 200;
/// How many events of a tenant a follower can catch up on: twenty-five portions.
pub const CATCH_UP: i64 = 5_000;

/// Where a follower continues who names the last event that they received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// After the event at this position.
    After(i64),
    /// At the end: events after the named one have been deleted, there are too many of them, or there has
    /// never been such an event.
    Reset {
        /// The position of the last event.
        end: i64,
    },
}

statement! {
    struct ReadReach { tenant: TenantId => Uuid, last: i64 => BigInt, catch_up: i64 => BigInt }
    "SELECT coalesce((SELECT max(position) FROM runtime.outbox WHERE tenant_id = $1), 0) AS newest,
            coalesce((SELECT min(position) FROM runtime.outbox WHERE tenant_id = $1), 0) AS oldest,
            EXISTS (SELECT FROM runtime.outbox WHERE tenant_id = $1 AND position > $2
                    ORDER BY position OFFSET $3 LIMIT 1) AS is_far"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct ReachRow {
    #[diesel(sql_type = BigInt)]
    newest: i64,
    #[diesel(sql_type = BigInt)]
    oldest: i64,
    #[diesel(sql_type = Bool)]
    is_far: bool,
}

impl TenantTx {
    /// Gets the position of the last event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stream_end(&mut self) -> StoreResult<i64> {
        let query = outbox::table.filter(outbox::tenant_id.eq(self.tenant)).select(max(outbox::position));
        Ok(self.tx.row::<_, Option<i64>>(query).await?.flatten().unwrap_or_default())
    }

    /// Checks whether a follower can continue after the event at `last`; 0 means from the oldest stored event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stream_resume(&mut self, last: i64) -> StoreResult<Resume> {
        let reach = ReadReach { tenant: self.tenant, last, catch_up: CATCH_UP };
        let Some(ReachRow { newest, oldest, is_far }) = self.tx.row(reach).await? else {
            return Ok(Resume::Reset { end: 0 });
        };
        let is_kept = last == 0 || (oldest..=newest).contains(&last);
        Ok(if is_kept && !is_far { Resume::After(last) } else { Resume::Reset { end: newest } })
    }

    /// Reads the next events after `position` that `grants` may see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stream_after(&mut self, position: i64, grants: &Grants) -> StoreResult<Stretch> {
        let query = outbox::table
            .filter(outbox::tenant_id.eq(self.tenant))
            .filter(outbox::position.gt(position))
            .order(outbox::position)
            .limit(STRETCH)
            .select(StreamedEvent::as_select());
        let mut events: Vec<StreamedEvent> = self.tx.rows(query).await?;
        let (more, position) =
            (events.len() as i64 == STRETCH, events.last().map_or(position, |event| event.position));
        events.retain(|event| event.is_visible_to(grants));
        Ok(Stretch { events, position, more })
    }
}

// A payload has less than 8000 bytes; an id has 36 and a comma.
const MOST_IN_PAYLOAD: usize = 200;

/// The tenants with new events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Perhaps any tenant: a notification was missed, or there are too many tenants to list.
    Anywhere,
    /// Only these tenants.
    In(Vec<TenantId>),
}

impl News {
    /// Whether `tenant` may have new events.
    #[must_use]
    pub fn is_in(&self, tenant: TenantId) -> bool {
        match self {
            Self::Anywhere => true,
            Self::In(tenants) => tenants.contains(&tenant),
        }
    }

    /// The payload of the notification that the log goes up to `last` and has new events of `tenants`.
    pub(crate) fn payload(last: i64, tenants: &BTreeSet<TenantId>) -> String {
        let listed = match tenants.len() {
            ..=MOST_IN_PAYLOAD => tenants.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            _ => "*".to_owned(),
        };
        format!("{last};{listed}")
    }

    /// Parses the notification `heard`, where `before` is the one heard last. If one was missed between
    /// them, any tenant may have new events.
    #[must_use]
    pub fn heard(before: &Heard, heard: &Heard) -> Self {
        // The same text again comes from a reconnect: positions only grow.
        let missed = heard.count != before.count + 1 || heard.payload == before.payload;
        let listed = heard.payload.split_once(';').filter(|_| !missed);
        let tenants = listed.and_then(|(_, ids)| {
            ids.split(',').filter(|id| !id.is_empty()).map(str::parse).collect::<Result<_, _>>().ok()
        });
        tenants.map_or(Self::Anywhere, Self::In)
    }
}

/// Calls `notify` with what is heard on [`crate::runtime::outbox::STREAM`], until the listener is dropped.
pub async fn follow_news(mut ear: watch::Receiver<Heard>, notify: impl Fn(News)) {
    let mut before = ear.borrow_and_update().clone();
    while ear.changed().await.is_ok() {
        let heard = ear.borrow_and_update().clone();
        notify(News::heard(&before, &heard));
        before = heard;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenants(count: usize) -> BTreeSet<TenantId> {
        (0..count).map(|_| TenantId::generate(DateTime::UNIX_EPOCH)).collect()
    }

    fn heard(count: u64, payload: &str) -> Heard {
        Heard { count, payload: payload.into() }
    }

    #[test]
    fn a_notification_lists_the_tenants_with_news() {
        let (ours, theirs) = (tenants(2), tenants(1));
        let news = News::heard(&heard(1, "6;"), &heard(2, &News::payload(7, &ours)));
        assert_eq!(news, News::In(ours.iter().copied().collect()));
        assert!(ours.iter().all(|tenant| news.is_in(*tenant)));
        assert!(!theirs.iter().any(|tenant| news.is_in(*tenant)));
        let of_none = News::heard(&heard(1, "6;"), &heard(2, &News::payload(7, &tenants(0))));
        assert_eq!(of_none, News::In(Vec::new()), "events of no tenant are on no stream");
    }

    #[test]
    fn a_missed_notification_means_news_anywhere() {
        let payload = News::payload(7, &tenants(1));
        assert_eq!(News::heard(&heard(1, ""), &heard(3, &payload)), News::Anywhere, "one was overwritten");
        assert_eq!(News::heard(&heard(1, &payload), &heard(2, &payload)), News::Anywhere, "reconnected");
        assert_eq!(News::heard(&heard(0, ""), &heard(1, "")), News::Anywhere, "connected");
        assert_eq!(News::heard(&heard(1, ""), &heard(2, "7")), News::Anywhere, "from an older worker");
        assert_eq!(News::heard(&heard(1, ""), &heard(2, "7;x")), News::Anywhere, "from a newer one");
    }

    #[test]
    fn too_many_tenants_for_a_payload_mean_news_anywhere() {
        let most = News::payload(i64::MAX, &tenants(MOST_IN_PAYLOAD));
        assert!(most.len() < 8000 && matches!(News::heard(&heard(1, ""), &heard(2, &most)), News::In(_)));
        let more = News::payload(i64::MAX, &tenants(MOST_IN_PAYLOAD + 1));
        assert_eq!(News::heard(&heard(1, ""), &heard(2, &more)), News::Anywhere);
    }
}
