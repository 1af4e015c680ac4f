//! The queue: claiming, finishing, failing and releasing jobs.
//!
//! A claim is a lease: `locked_until`, renewed while the work goes on. No transaction stays open
//! meanwhile, and a worker that dies simply does not renew. Every write after the claim names the
//! claim's token, so a worker that lost a lease changes nothing any more, even if the same worker has
//! claimed the job again.
//!
//! Jobs of one order key run one after the other, oldest first: a job is claimed only if no older job of
//! its key is left and none runs. A dead job does not count: its successors go on, because an aggregate
//! that is blocked by one poisoned event is worse than one with a gap, and the gap is visible and can be
//! replayed. The unique index `jobs_running` prevents what two simultaneous claims cannot see of each
//! other.

use super::job::{Held, Job};
use crate::{PlatformTx, statement};
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid},
};
use serde_json::Value;
use std::{cmp::Reverse, collections::HashSet, sync::Arc};
use tryzore_kernel::{JobId, StoreResult, TenantId};

statement! {
    struct ClaimJobs {
        queue: String => Text,
        kinds: Vec<String> => Array<Text>,
        claim: String => Text,
        now: DateTime<Utc> => Timestamptz,
        until: DateTime<Utc> => Timestamptz,
        most: i64 => BigInt,
    }
    "WITH due AS MATERIALIZED (
         SELECT j.seq FROM runtime.jobs j
         WHERE j.queue = $1 AND j.dead_at IS NULL AND j.run_at <= $4 AND j.kind = ANY ($2)
           AND (j.locked_until IS NULL OR j.locked_until <= $4) AND j.attempts < j.max_attempts
           AND (j.order_key IS NULL OR j.locked_by IS NOT NULL OR NOT EXISTS (
               SELECT FROM runtime.jobs other
               WHERE other.order_key = j.order_key AND other.dead_at IS NULL AND other.seq <> j.seq
                 AND (other.seq < j.seq OR other.locked_by IS NOT NULL)))
         ORDER BY j.priority DESC, j.run_at, j.seq
         LIMIT $6 FOR UPDATE SKIP LOCKED)
     UPDATE runtime.jobs j SET locked_until = $5, locked_by = $3, attempts = attempts + 1
     FROM due WHERE j.seq = due.seq
     RETURNING j.seq, j.id, j.tenant_id, j.kind, j.payload, j.order_key, j.priority, j.run_at, j.attempts,
               j.max_attempts, j.created_at"
}

statement! {
    struct DeleteJobs { jobs: Vec<i64> => Array<BigInt>, claims: Vec<String> => Array<Text> }
    "DELETE FROM runtime.jobs j USING unnest($1, $2) AS held (seq, claim)
     WHERE j.seq = held.seq AND j.locked_by = held.claim"
}

statement! {
    struct FailJob {
        job: i64 => BigInt,
        claim: String => Text,
        reason: String => Text,
        run_at: DateTime<Utc> => Timestamptz,
        dead_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
    }
    "UPDATE runtime.jobs
     SET locked_until = NULL, locked_by = NULL, last_error = $3, run_at = $4, dead_at = $5
     WHERE seq = $1 AND locked_by = $2"
}

statement! {
    struct RenewJobs {
        jobs: Vec<i64> => Array<BigInt>,
        claims: Vec<String> => Array<Text>,
        until: DateTime<Utc> => Timestamptz,
    }
    "UPDATE runtime.jobs j SET locked_until = $3 FROM unnest($1, $2) AS held (seq, claim)
     WHERE j.seq = held.seq AND j.locked_by = held.claim RETURNING j.seq, j.locked_by AS claim"
}

statement! {
    struct GiveBackJobs { jobs: Vec<i64> => Array<BigInt>, claims: Vec<String> => Array<Text> }
    "UPDATE runtime.jobs j SET locked_until = NULL, locked_by = NULL, attempts = attempts - 1
     FROM unnest($1, $2) AS held (seq, claim) WHERE j.seq = held.seq AND j.locked_by = held.claim"
}

statement! {
    /// A job that crashes its worker would do so forever: attempts that were not finished count, too.
    struct GiveUpLost { now: DateTime<Utc> => Timestamptz }
    "UPDATE runtime.jobs
     SET dead_at = $1, locked_until = NULL, locked_by = NULL,
         last_error = coalesce(last_error || '; ', '') || 'its worker did not come back from the last attempt'
     WHERE dead_at IS NULL AND locked_until <= $1 AND attempts >= max_attempts"
}

statement! {
    struct MeasureQueue { now: DateTime<Utc> => Timestamptz }
    "SELECT count(*) FILTER (WHERE dead_at IS NULL AND locked_by IS NULL AND run_at <= $1) AS due,
            count(*) FILTER (WHERE dead_at IS NULL AND locked_by IS NOT NULL) AS running,
            count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
            min(run_at) FILTER (WHERE dead_at IS NULL AND locked_by IS NULL AND run_at <= $1) AS oldest
     FROM runtime.jobs"
}

/// The result of an attempt.
#[derive(Debug)]
pub(crate) enum Done {
    Success { held: Held },
    Failure { held: Held, reason: String, run_at: DateTime<Utc>, dead_at: Option<DateTime<Utc>> },
}

/// The number of jobs in the queue by state.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Depth {
    /// Jobs that are due and not claimed.
    #[diesel(sql_type = BigInt)]
    pub due: i64,
    /// Jobs that a worker has claimed.
    #[diesel(sql_type = BigInt)]
    pub running: i64,
    /// Jobs that were given up.
    #[diesel(sql_type = BigInt)]
    pub dead: i64,
    /// Since when the oldest due job has been waiting.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest: Option<DateTime<Utc>>,
}

/// The parameters of a claim.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) queue: String,
    pub(crate) kinds: Vec<String>,
    /// A token that belongs to this claim alone.
    pub(crate) token: String,
    pub(crate) until: DateTime<Utc>,
    pub(crate) most: i64,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct ClaimedRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Uuid)]
    id: JobId,
    #[diesel(sql_type = Nullable<Uuid>)]
    tenant_id: Option<TenantId>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Jsonb)]
    payload: Value,
    #[diesel(sql_type = Nullable<Text>)]
    order_key: Option<String>,
    #[diesel(sql_type = SmallInt)]
    priority: i16,
    #[diesel(sql_type = Timestamptz)]
    run_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    max_attempts: i32,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct HeldRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    claim: String,
}

impl PlatformTx {
    /// Claims due jobs: the highest priority first, then the oldest.
    pub(crate) async fn jobs_claim(&mut self, claim: Claim) -> StoreResult<Vec<Job>> {
        let Claim { queue, kinds, token, until, most } = claim;
        let claim: Arc<str> = token.as_str().into();
        let mut rows: Vec<ClaimedRow> =
            self.tx.rows(ClaimJobs { queue, kinds, claim: token, now: self.now, until, most }).await?;
        rows.sort_by_key(|row| (Reverse(row.priority), row.run_at, row.seq));
        Ok(rows.into_iter().map(|row| row.job(claim.clone())).collect())
    }

    /// Records the results of attempts: successful jobs are deleted in one statement; failed jobs wait for
    /// the next attempt or are given up.
    pub(crate) fn jobs_settle(&mut self, done: &[Done]) {
        let mut deleted = Vec::new();
        for end in done {
            match end {
                Done::Success { held } => deleted.push(held.clone()),
                Done::Failure { held, reason, run_at, dead_at } => self.tx.defer(FailJob {
                    job: held.seq,
                    claim: held.claim.to_string(),
                    reason: reason.chars().take(2_000).collect(),
                    run_at: *run_at,
                    dead_at: *dead_at,
                }),
            }
        }
        if !deleted.is_empty() {
            let (jobs, claims) = columns(deleted);
            self.tx.defer(DeleteJobs { jobs, claims });
        }
    }

    /// Extends the leases of `jobs` to `until`; returns those whose leases are still ours. Gives up jobs
    /// whose last attempt was never finished.
    pub(crate) async fn jobs_renew(
        &mut self,
        jobs: Vec<Held>,
        until: DateTime<Utc>,
    ) -> StoreResult<HashSet<Held>> {
        self.tx.defer(GiveUpLost { now: self.now });
        let (jobs, claims) = columns(jobs);
        let rows: Vec<HeldRow> = self.tx.rows(RenewJobs { jobs, claims, until }).await?;
        Ok(rows.into_iter().map(|row| Held { seq: row.seq, claim: row.claim.into() }).collect())
    }

    /// Releases `jobs` as if they had not been claimed.
    pub(crate) fn jobs_give_back(&mut self, jobs: Vec<Held>) {
        let (jobs, claims) = columns(jobs);
        self.tx.defer(GiveBackJobs { jobs, claims });
    }

    /// Measures the queue.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queue_measure(&mut self) -> StoreResult<Depth> {
        let depth = self.tx.row(MeasureQueue { now: self.now }).await?;
        Ok(depth.unwrap_or(Depth { due: 0, running: 0, dead: 0, oldest: None }))
    }
}

// The claims as two arrays, which Postgres joins again.
fn columns(held: Vec<Held>) -> (Vec<i64>, Vec<String>) {
    held.into_iter().map(|held| (held.seq, held.claim.to_string())).unzip()
}

impl ClaimedRow {
    fn job(self, claim: Arc<str>) -> Job {
        Job {
            held: Held { seq: self.seq, claim },
            id: self.id,
            tenant: self.tenant_id,
            kind: self.kind,
            payload: self.payload,
            order_key: self.order_key,
            attempt: u32::try_from(self.attempts).unwrap_or_default(),
            max_attempts: u32::try_from(self.max_attempts).unwrap_or_default(),
            created_at: self.created_at,
        }
    }
}
