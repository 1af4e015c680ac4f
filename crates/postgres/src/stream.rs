//! What happened, as those may follow it whom it concerns.
//!
//! A follower remembers the position of the last event that it was given. Positions are given by
//! the worker, after the commit and in one order, so nothing slips in behind a follower's back.
//! Then the worker says on [`crate::runtime::outbox::STREAM`] how far the log goes and in which
//! tenants something happened ([`News`]): the others need not look.

use crate::{TenantTx, runtime::Heard, statement, visibility::is_visible_to_others};
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

/// Something that happened.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = outbox)]
pub struct StreamedEvent {
    /// Its place in the stream.
    #[serde(skip)]
    #[diesel(select_expression = outbox::position.assume_not_null())]
    pub position: i64,
    /// Its id.
    pub id: OutboxId,
    /// Domain and past tense, such as `events.booked`.
    pub kind: String,
    /// Where.
    pub organization_id: Option<OrganizationId>,
    #[serde(skip)]
    subject_id: Option<UserId>,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// The event itself.
    pub payload: Value,
}

impl StreamedEvent {
    // What concerns oneself always; the rest for those who see the like at that location.
    fn is_visible_to(&self, grants: &Grants) -> bool {
        let me = grants.actor().user();
        let visible_here = is_visible_to_others(grants, &self.kind, self.organization_id);
        (me.is_some() && self.subject_id == me) || visible_here
    }
}

/// A stretch of the stream.
#[derive(Debug)]
pub struct Stretch {
    /// What the follower may see of it.
    pub events: Vec<StreamedEvent>,
    /// Where the next stretch starts.
    pub position: i64,
    /// Whether there may be more at once.
    pub more: bool,
}

const STRETCH: i64 = 200;
/// How many events of a tenant a follower can catch up on: twenty-five stretches.
pub const CATCH_UP: i64 = 5_000;

/// Where a follower goes on who names the last event that it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// After that event.
    After(i64),
    /// At the end: between that event and what is kept there may be a gap, it is too far back, or there has
    /// never been such an event.
    Reset {
        /// The position of the last event so far.
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
    /// The position of the last event so far.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stream_end(&mut self) -> StoreResult<i64> {
        let query = outbox::table.filter(outbox::tenant_id.eq(self.tenant)).select(max(outbox::position));
        Ok(self.tx.row::<_, Option<i64>>(query).await?.flatten().unwrap_or_default())
    }

    /// Whether a follower can go on after the event at `last`; 0 asks for all that is kept.
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

    /// What happened after `position` that `grants` may see.
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
const TOLD_AT_ONCE: usize = 200;

/// Where there is something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Perhaps anywhere: something was missed, or it is too much to tell.
    Anywhere,
    /// In these tenants and no others.
    In(Vec<TenantId>),
}

impl News {
    /// Whether there may be something new in `tenant`.
    #[must_use]
    pub fn is_in(&self, tenant: TenantId) -> bool {
        match self {
            Self::Anywhere => true,
            Self::In(tenants) => tenants.contains(&tenant),
        }
    }

    /// The wake-up that says that the log goes up to `last` and has news of `tenants`.
    pub(crate) fn payload(last: i64, tenants: &BTreeSet<TenantId>) -> String {
        let told = match tenants.len() {
            ..=TOLD_AT_ONCE => tenants.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            _ => "*".to_owned(),
        };
        format!("{last};{told}")
    }

    /// What was `heard`, when `before` was heard last. What was missed may have been anywhere.
    #[must_use]
    pub fn heard(before: &Heard, heard: &Heard) -> Self {
        // The same text again is a new connection's greeting: positions only grow.
        let missed = heard.count != before.count + 1 || heard.payload == before.payload;
        let told = heard.payload.split_once(';').filter(|_| !missed);
        let tenants = told.and_then(|(_, told)| {
            told.split(',').filter(|id| !id.is_empty()).map(str::parse).collect::<Result<_, _>>().ok()
        });
        tenants.map_or(Self::Anywhere, Self::In)
    }
}

/// Hands what is heard on [`crate::runtime::outbox::STREAM`] to `tell`, until the listener is gone.
pub async fn follow_news(mut ear: watch::Receiver<Heard>, tell: impl Fn(News)) {
    let mut before = ear.borrow_and_update().clone();
    while ear.changed().await.is_ok() {
        let heard = ear.borrow_and_update().clone();
        tell(News::heard(&before, &heard));
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
    fn news_are_where_they_were_said_to_be() {
        let (ours, theirs) = (tenants(2), tenants(1));
        let news = News::heard(&heard(1, "6;"), &heard(2, &News::payload(7, &ours)));
        assert_eq!(news, News::In(ours.iter().copied().collect()));
        assert!(ours.iter().all(|tenant| news.is_in(*tenant)));
        assert!(!theirs.iter().any(|tenant| news.is_in(*tenant)));
        let of_none = News::heard(&heard(1, "6;"), &heard(2, &News::payload(7, &tenants(0))));
        assert_eq!(of_none, News::In(Vec::new()), "events of no tenant are on no stream");
    }

    #[test]
    fn whatever_was_missed_may_be_anywhere() {
        let told = News::payload(7, &tenants(1));
        assert_eq!(News::heard(&heard(1, ""), &heard(3, &told)), News::Anywhere, "one was overwritten");
        assert_eq!(News::heard(&heard(1, &told), &heard(2, &told)), News::Anywhere, "connected anew");
        assert_eq!(News::heard(&heard(0, ""), &heard(1, "")), News::Anywhere, "connected");
        assert_eq!(News::heard(&heard(1, ""), &heard(2, "7")), News::Anywhere, "from an older worker");
        assert_eq!(News::heard(&heard(1, ""), &heard(2, "7;x")), News::Anywhere, "from a newer one");
    }

    #[test]
    fn what_fits_no_payload_is_anywhere() {
        let most = News::payload(i64::MAX, &tenants(TOLD_AT_ONCE));
        assert!(most.len() < 8000 && matches!(News::heard(&heard(1, ""), &heard(2, &most)), News::In(_)));
        let more = News::payload(i64::MAX, &tenants(TOLD_AT_ONCE + 1));
        assert_eq!(News::heard(&heard(1, ""), &heard(2, &more)), News::Anywhere);
    }
}
