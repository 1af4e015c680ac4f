//! What happened, as those may follow it whom it concerns.
//!
//! A follower remembers the position of the last event that it was given. Positions are given by
//! the worker, after the commit and in one order, so nothing slips in behind a follower's back.

use crate::{TenantTx, witness::witnesses};
use chrono::{DateTime, Utc};
use diesel::{dsl::max, prelude::*};
use serde::Serialize;
use serde_json::Value;
use tryzore_kernel::{OrganizationId, OutboxId, StoreResult, UserId};
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
        let witnessed = witnesses(grants, &self.kind, self.organization_id);
        (me.is_some() && self.subject_id == me) || witnessed
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

impl TenantTx {
    /// The position of the last event so far.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stream_end(&mut self) -> StoreResult<i64> {
        let query = outbox::table.filter(outbox::tenant_id.eq(self.tenant)).select(max(outbox::position));
        Ok(self.tx.row::<_, Option<i64>>(query).await?.flatten().unwrap_or_default())
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
