//! Scans over all tenants for due work: the worker finds due items here, and then handles each in its
//! tenant.
//!
//! Each answer is a page in order of tenant and id, so that an item that can't be handled now does not
//! block the items after it.

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Timestamptz, Uuid},
};
use tryzore_events::plan::HORIZON_DAYS;
use tryzore_kernel::{EventId, SeriesId, StoreResult, TenantId};
use tryzore_postgres::{PlatformTx, statement, store::Transaction};

/// An item of due work in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueItem<T> {
    /// The tenant of the item.
    pub tenant: TenantId,
    /// The id of the event or series that is due.
    pub id: T,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = Uuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = Uuid)]
    id: uuid::Uuid,
}

/// Defines a scan over all tenants; its first parameter is computed from the current time.
macro_rules! scan {
    (
        $(#[$doc:meta])*
        $name:ident($by:ident: $rust:ty => $sql:ty = $of:expr) -> $id:ident
        $text:literal
    ) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// Fails when the database query fails.
        pub async fn $name(
            tx: &mut PlatformTx,
            now: DateTime<Utc>,
            after: Option<DueItem<$id>>,
            limit: u16,
        ) -> StoreResult<Vec<DueItem<$id>>> {
            statement! {
                struct Find {
                    $by: $rust => $sql, tenant: uuid::Uuid => Uuid, after: uuid::Uuid => Uuid, limit: i64 => BigInt,
                }
                $text
            }
            let of: fn(DateTime<Utc>) -> $rust = $of;
            let (tenant, after) = after.map_or_else(Default::default, |due| (due.tenant.uuid(), due.id.uuid()));
            let rows: Vec<DueRow> = tx.parts().tx.rows(Find { $by: of(now), tenant, after, limit: limit.into() }).await?;
            Ok(rows.into_iter().map(|row| DueItem { tenant: row.tenant_id, id: row.id.into() }).collect())
        }
    };
}

scan! {
    /// Events whose waitlist is to be processed: there is a free spot, or the wait has ended (EVT-10).
    waitlists_due(now: DateTime<Utc> => Timestamptz = |now| now) -> EventId
    "SELECT DISTINCT w.tenant_id, w.event_id AS id
     FROM events.waitlist_entries w
     JOIN events.events e ON e.tenant_id = w.tenant_id AND e.id = w.event_id
     WHERE w.status = 'waiting' AND (w.tenant_id, w.event_id) > ($2, $3)
       AND (e.spots_booked < e.spots_total OR e.starts_at <= $1 OR e.status NOT IN ('scheduled', 'confirmed'))
     ORDER BY w.tenant_id, w.event_id
     LIMIT $4"
}

scan! {
    /// Events that have ended and were neither completed nor called off (EVT-12).
    completions_due(now: DateTime<Utc> => Timestamptz = |now| now) -> EventId
    "SELECT e.tenant_id, e.id FROM events.events e
     WHERE e.ends_at <= $1 AND e.status IN ('scheduled', 'confirmed', 'in_progress')
       AND (e.tenant_id, e.id) > ($2, $3)
     ORDER BY e.tenant_id, e.id
     LIMIT $4"
}

scan! {
    /// Events whose reminders are due: two hours before a class (EVT-09), a day before a tour.
    reminders_due(now: DateTime<Utc> => Timestamptz = |now| now) -> EventId
    "SELECT e.tenant_id, e.id FROM events.events e
     WHERE e.reminded_at IS NULL AND e.status IN ('scheduled', 'confirmed')
       AND e.starts_at > $1 AND e.starts_at <= $1 + interval '24 hours'
       AND (e.kind = 'tour' OR e.starts_at <= $1 + interval '2 hours')
       AND e.spots_booked > 0 AND (e.tenant_id, e.id) > ($2, $3)
     ORDER BY e.tenant_id, e.id
     LIMIT $4"
}

scan! {
    /// Series whose events are not yet created eight weeks ahead.
    series_due(until: NaiveDate => Date = last_date) -> SeriesId
    "SELECT s.tenant_id, s.id FROM events.series s
     WHERE s.status = 'active' AND (s.materialized_until IS NULL OR s.materialized_until < $1)
       AND (s.tenant_id, s.id) > ($2, $3)
     ORDER BY s.tenant_id, s.id
     LIMIT $4"
}

fn last_date(now: DateTime<Utc>) -> NaiveDate {
    now.date_naive() + Days::new(u64::from(HORIZON_DAYS) - 1)
}
