//! Deletes expired rows: answers to repeated requests, records of processed events, runs of schedules,
//! processed deliveries of providers, events that all subscriptions have processed, expired sessions,
//! sign-in links and failed attempts, and sign-ups that nobody finished.
//!
//! **Invariant:** work that is not done yet, and failures that someone may have to investigate, stay,
//! however old. Decisions and the audit trail stay; so do the events that record them in no tenant.

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
use tryzore_kernel::{Problem, StoreResult, TenantId};
use tryzore_rbac::{Permit, SystemActor};

/// How long the first answer to a request is stored for repetitions of the request.
pub const IDEMPOTENCY_KEYS: TimeDelta = TimeDelta::hours(24);
/// How long records of processed events and of the runs of schedules are stored.
pub const NOTES: TimeDelta = TimeDelta::days(30);
/// How long a delivery is stored after it was last processed.
pub const DELIVERIES: TimeDelta = TimeDelta::days(30);
/// How long a delivery that was given up is stored for investigation.
pub const DEAD_DELIVERIES: TimeDelta = TimeDelta::days(90);
/// How long an event stays in the event log.
pub const EVENTS: TimeDelta = TimeDelta::days(90);
/// How long a session is stored after it ended or expired, with its refresh tokens.
pub const SESSIONS: TimeDelta = TimeDelta::days(90);
/// How long a sign-up that nobody finished, and its onboarding sessions, are stored in the archive.
pub const ARCHIVES: TimeDelta = TimeDelta::days(90);
/// How long failed sign-ins are stored after the last of them; they count for as long.
pub const THROTTLES: TimeDelta = TimeDelta::hours(24);
/// How long a sign-in that lacks its second factor is stored after it expired.
pub const CHALLENGES: TimeDelta = TimeDelta::hours(24);
/// How long a mailed link is stored after it was used or expired.
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
    /// The last run of each schedule stays: the next runs continue from it.
    struct PurgeRuns { before: DateTime<Utc> => Timestamptz }
    "DELETE FROM runtime.schedule_runs WHERE ctid IN (
         SELECT r.ctid FROM runtime.schedule_runs r WHERE r.due_at < $1
           AND EXISTS (SELECT FROM runtime.schedule_runs later
                       WHERE later.schedule = r.schedule AND later.due_at > r.due_at)
         LIMIT 5000)"
}

statement! {
    /// Waiting deliveries stay, however old.
    struct PurgeDeliveries {
        processed_before: DateTime<Utc> => Timestamptz,
        dead_before: DateTime<Utc> => Timestamptz,
    }
    "DELETE FROM webhooks.deliveries WHERE id IN (
         SELECT id FROM webhooks.deliveries WHERE processed_at < $1 OR dead_at < $2 LIMIT 5000)"
}

statement! {
    /// Events without a position have not been dispatched; those with a job have not been processed.
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
    struct PurgeChallenges { before: DateTime<Utc> => Timestamptz }
    "DELETE FROM identity.login_challenges WHERE hash IN (
         SELECT hash FROM identity.login_challenges WHERE expires_at < $1 LIMIT 5000)"
}

statement! {
    /// The condition is repeated, because a sign-in meanwhile updates a row that was old when it was found.
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

/// How many rows were deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// First answers to requests.
    pub idempotency_keys: usize,
    /// Records of processed events.
    pub followed: usize,
    /// Runs of schedules.
    pub schedule_runs: usize,
    /// Deliveries of providers.
    pub deliveries: usize,
    /// Events of the event log.
    pub events: usize,
    /// Sessions.
    pub sessions: usize,
    /// Mailed links.
    pub links: usize,
    /// Sign-ins that lack their second factor.
    pub challenges: usize,
    /// Counters of failed sign-in attempts.
    pub throttles: usize,
    /// Sign-ups that nobody finished, and their onboarding sessions.
    pub archives: usize,
}

impl PlatformTx {
    /// Lists every tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants_all(&mut self) -> StoreResult<Vec<TenantId>> {
        let rows: Vec<TenantRow> = self.tx.rows(AllTenants {}).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }
}

/// Deletes rows that are older than their limit; a row exactly as old as the limit stays.
///
/// # Errors
/// When the database fails; rows that were deleted before stay deleted.
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
        challenges: of_all(db, || PurgeChallenges { before: now - CHALLENGES }).await?,
        throttles: of_all(db, || PurgeThrottles { before: now - THROTTLES }).await?,
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

// In portions, so that no transaction is long.
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
