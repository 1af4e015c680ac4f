//! What is not kept: answers to repeated requests, notes of what was followed, runs of schedules, what
//! providers sent once it is done with, events that everyone has followed, of signing in what is over,
//! and accounts that nobody finished opening.
//!
//! **Invariant:** what somebody still has to do, or to find out why it failed, stays, however old.
//! Decisions and the audit trail stay; what is told of them in no tenant are events, which stay too.

use super::{message, program::Work};
use crate::{Db, PlatformTx, TenantTx, statement};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    pg::Pg,
    query_builder::{QueryFragment, QueryId},
    sql_types::{Text, Timestamptz, Uuid},
};
use serde::Serialize;
use tryzore_auth::throttle::FORGET;
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
/// How long an event stays in the event log.
pub const EVENTS: TimeDelta = TimeDelta::days(90);
/// How long a session is kept after it ended or expired, with its refresh tokens.
pub const SESSIONS: TimeDelta = TimeDelta::days(90);
/// How long an account that nobody finished opening, and the steps of it, are kept in the archive.
pub const ARCHIVES: TimeDelta = TimeDelta::days(90);
/// How long a mailed link is kept after it was used or expired.
pub const LINKS: TimeDelta = TimeDelta::days(30);

const PORTION: usize = 5_000;

statement! {
    struct PurgeKeys { tenant: TenantId => Uuid, before: DateTime<Utc> => Timestamptz }
    "DELETE FROM runtime.idempotency_keys WHERE tenant_id = $1 AND (actor_id, key) IN (
         SELECT actor_id, key FROM runtime.idempotency_keys WHERE tenant_id = $1 AND created_at < $2 LIMIT 5000)"
}

statement! {
    struct PurgeFirstAnswers { before: DateTime<Utc> => Timestamptz }
    "DELETE FROM platform.first_answers WHERE (user_id, key) IN (
         SELECT user_id, key FROM platform.first_answers WHERE created_at < $1 LIMIT 5000)"
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
    /// What has no position has been handed to nobody; a job that names it waits, runs or was given up.
    struct PurgeEvents { before: DateTime<Utc> => Timestamptz, follow: &'static str => Text }
    "DELETE FROM runtime.outbox WHERE seq IN (
         SELECT seq FROM runtime.outbox
         WHERE occurred_at < $1 AND position IS NOT NULL AND kind NOT LIKE 'journal.%'
           AND id NOT IN (SELECT right(payload->>'message', 32)::uuid FROM runtime.jobs WHERE kind = $2)
         LIMIT 5000)"
}

statement! {
    struct PurgeSessions { before: DateTime<Utc> => Timestamptz }
    "DELETE FROM identity.sessions WHERE id IN (
         SELECT id FROM identity.sessions WHERE least(expires_at, revoked_at) < $1 LIMIT 5000)"
}

statement! {
    struct PurgeLinks { before: DateTime<Utc> => Timestamptz }
    "DELETE FROM identity.one_time_tokens WHERE hash IN (
         SELECT hash FROM identity.one_time_tokens WHERE least(expires_at, spent_at) < $1 LIMIT 5000)"
}

statement! {
    /// Asked twice, because who signs in meanwhile is counted in a row that was old when it was found.
    struct PurgeThrottles { before: DateTime<Utc> => Timestamptz }
    "DELETE FROM identity.throttles WHERE last_at < $1 AND key IN (
         SELECT key FROM identity.throttles WHERE last_at < $1 LIMIT 5000)"
}

statement! {
    struct PurgeArchivedSessions { before: DateTime<Utc> => Timestamptz }
    "DELETE FROM tenancy.archived_onboarding_sessions WHERE id IN (
         SELECT id FROM tenancy.archived_onboarding_sessions WHERE archived_at < $1 LIMIT 5000)"
}

statement! {
    struct PurgeArchivedSignups { before: DateTime<Utc> => Timestamptz }
    "DELETE FROM tenancy.archived_incomplete_signups WHERE id IN (
         SELECT id FROM tenancy.archived_incomplete_signups WHERE archived_at < $1 LIMIT 5000)"
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
    /// Events of the event log.
    pub events: usize,
    /// Sessions.
    pub sessions: usize,
    /// Links that were mailed.
    pub links: usize,
    /// Attempts to sign in.
    pub throttles: usize,
    /// Accounts that nobody finished opening, and steps of them.
    pub archives: usize,
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
    let (processed_before, dead_before) = (now - DELIVERIES, now - DEAD_DELIVERIES);
    Ok(Purged {
        idempotency_keys: of_tenants(db, now - IDEMPOTENCY_KEYS).await?
            + of_all(db, || PurgeFirstAnswers { before: now - IDEMPOTENCY_KEYS }).await?,
        followed: of_all(db, || PurgeFollowed { before: now - NOTES }).await?,
        schedule_runs: of_all(db, || PurgeRuns { before: now - NOTES }).await?,
        deliveries: of_all(db, || PurgeDeliveries { processed_before, dead_before }).await?,
        events: of_all(db, || PurgeEvents { before: now - EVENTS, follow: message::KIND }).await?,
        sessions: of_all(db, || PurgeSessions { before: now - SESSIONS }).await?,
        links: of_all(db, || PurgeLinks { before: now - LINKS }).await?,
        throttles: of_all(db, || PurgeThrottles { before: now - FORGET }).await?,
        archives: of_all(db, || PurgeArchivedSessions { before: now - ARCHIVES }).await?
            + of_all(db, || PurgeArchivedSignups { before: now - ARCHIVES }).await?,
    })
}

async fn of_tenants(db: &Db, before: DateTime<Utc>) -> Result<usize, Problem> {
    let mut removed = 0;
    for tenant in db.platform_tx(SystemActor::CleanUp, async |tx| tx.tenants_all().await).await? {
        let permit = Permit::<Work>::system(tenant, SystemActor::CleanUp);
        let keys = async |tx: &mut TenantTx| tx.tx.execute(PurgeKeys { tenant, before }).await;
        removed += portions(async || db.tenant_tx(&permit, keys).await).await?;
    }
    Ok(removed)
}

async fn of_all<Q>(db: &Db, statement: impl Fn() -> Q) -> Result<usize, Problem>
where
    Q: QueryFragment<Pg> + QueryId + Send + 'static,
{
    let remove = async |tx: &mut PlatformTx| tx.tx.execute(statement()).await;
    portions(async || db.platform_tx(SystemActor::CleanUp, remove).await).await
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
