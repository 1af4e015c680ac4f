//! What is not kept: answers to repeated requests, notes of what was followed, runs of schedules, and
//! what providers sent once it is done with.

use crate::{Db, PlatformTx, TenantTx, runtime::program::Work, statement};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Timestamptz, Uuid},
};
use serde::Serialize;
use tryzore_kernel::{Problem, StoreResult, TenantId};
use tryzore_rbac::{Permit, SystemActor};

/// How long the first answer to a request is kept for whoever sends it again.
pub const IDEMPOTENCY_KEYS: TimeDelta = TimeDelta::hours(24);
/// How long it is noted what was followed, and which schedules have run.
pub const NOTES: TimeDelta = TimeDelta::days(30);

/// How long a delivery is kept after it was processed, the last time.
pub const DELIVERIES: TimeDelta = TimeDelta::days(30);
/// How long one that was given up is kept for whoever finds out why.
pub const DEAD_DELIVERIES: TimeDelta = TimeDelta::days(90);

const PORTION: usize = 5_000;

statement! {
    struct PurgeKeys { tenant: TenantId => Uuid, before: DateTime<Utc> => Timestamptz }
    "DELETE FROM runtime.idempotency_keys WHERE tenant_id = $1 AND (actor_id, key) IN (
         SELECT actor_id, key FROM runtime.idempotency_keys WHERE tenant_id = $1 AND created_at < $2 LIMIT 5000)"
}

statement! {
    struct PurgeFollowed { before: DateTime<Utc> => Timestamptz }
    "DELETE FROM runtime.followed WHERE ctid IN (
         SELECT ctid FROM runtime.followed WHERE followed_at < $1 LIMIT 5000)"
}

statement! {
    /// The last run of each schedule stays: it says where to go on.
    struct PurgeRuns { before: DateTime<Utc> => Timestamptz }
    "DELETE FROM runtime.schedule_runs WHERE ctid IN (
         SELECT r.ctid FROM runtime.schedule_runs r WHERE r.due_at < $1
           AND EXISTS (SELECT FROM runtime.schedule_runs later
                       WHERE later.schedule = r.schedule AND later.due_at > r.due_at)
         LIMIT 5000)"
}

statement! {
    /// What waits is kept, however old.
    struct PurgeDeliveries {
        processed_before: DateTime<Utc> => Timestamptz,
        dead_before: DateTime<Utc> => Timestamptz,
    }
    "DELETE FROM webhooks.deliveries WHERE id IN (
         SELECT id FROM webhooks.deliveries WHERE processed_at < $1 OR dead_at < $2 LIMIT 5000)"
}

statement! {
    struct AllTenants {}
    "SELECT id FROM tenancy.tenants ORDER BY id"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct TenantRow {
    #[diesel(sql_type = Uuid)]
    id: TenantId,
}

/// How many rows were removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// First answers to requests.
    pub idempotency_keys: usize,
    /// Notes of what was followed.
    pub followed: usize,
    /// Runs of schedules.
    pub schedule_runs: usize,
    /// What providers sent.
    pub deliveries: usize,
}

impl PlatformTx {
    /// Every tenant there is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants_all(&mut self) -> StoreResult<Vec<TenantId>> {
        let rows: Vec<TenantRow> = self.tx.rows(AllTenants {}).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }
}

/// Removes what is older than it is kept for; what is exactly as old stays.
///
/// # Errors
/// When the database fails; what was removed before stays so.
pub async fn purge(db: &Db) -> Result<Purged, Problem> {
    let now = db.clock().now();
    let (keys_before, notes_before) = (now - IDEMPOTENCY_KEYS, now - NOTES);
    let mut purged = Purged::default();
    let tenants = db.platform_tx(SystemActor::CleanUp, async |tx| tx.tenants_all().await).await?;
    for tenant in tenants {
        let permit = Permit::<Work>::system(tenant, SystemActor::CleanUp);
        purged.idempotency_keys += portions(async || {
            db.tenant_tx(&permit, async |tx: &mut TenantTx| {
                tx.tx.execute(PurgeKeys { tenant, before: keys_before }).await
            })
            .await
        })
        .await?;
    }
    let platform = SystemActor::CleanUp;
    purged.followed = portions(async || {
        db.platform_tx(platform, async |tx| tx.tx.execute(PurgeFollowed { before: notes_before }).await).await
    })
    .await?;
    purged.schedule_runs = portions(async || {
        db.platform_tx(platform, async |tx| tx.tx.execute(PurgeRuns { before: notes_before }).await).await
    })
    .await?;
    let (processed_before, dead_before) = (now - DELIVERIES, now - DEAD_DELIVERIES);
    purged.deliveries = portions(async || {
        db.platform_tx(platform, async |tx| {
            tx.tx.execute(PurgeDeliveries { processed_before, dead_before }).await
        })
        .await
    })
    .await?;
    Ok(purged)
}

// A bit at a time, so that no transaction is long.
async fn portions(mut remove: impl AsyncFnMut() -> Result<usize, Problem>) -> Result<usize, Problem> {
    let mut removed = 0;
    loop {
        let portion = remove().await?;
        removed += portion;
        if portion < PORTION {
            return Ok(removed);
        }
    }
}
