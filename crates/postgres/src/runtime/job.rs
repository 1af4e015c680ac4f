//! Jobs, and how they fail.

use crate::{
    scopes::Scope,
    store::{Parts, Transaction},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::sync::Arc;
use tryzore_kernel::{JobId, Problem, TenantId};
use tryzore_schema::runtime::jobs;

/// The queue of a job that names no queue.
pub const QUEUE: &str = "default";

/// A job under one claim. The token belongs to that claim alone: another claim of the job, even by the same
/// worker, has another token, and writes with the old token change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Held {
    pub(crate) seq: i64,
    pub(crate) claim: Arc<str>,
}

/// A job that a worker has claimed.
#[derive(Debug, Clone)]
pub struct Job {
    pub(crate) held: Held,
    /// The id of the job: the same at every attempt.
    pub id: JobId,
    /// The tenant of the job.
    pub tenant: Option<TenantId>,
    /// The name of the task.
    pub kind: String,
    /// The arguments of the task.
    pub payload: Value,
    /// The key of the jobs that run one after the other.
    pub order_key: Option<String>,
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// After how many attempts the job is given up.
    pub max_attempts: u32,
    /// When the job was enqueued.
    pub created_at: DateTime<Utc>,
}

impl Job {
    /// Deserializes the payload.
    ///
    /// # Errors
    /// A permanent [`Failure`] when the payload is of another shape.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(&self.payload).map_err(|error| Failure::permanent(format!("payload: {error}")))
    }

    /// Whether the job is given up if this attempt fails.
    #[must_use]
    pub const fn is_last_attempt(&self) -> bool {
        self.attempt >= self.max_attempts
    }
}

/// A job to be enqueued.
#[derive(Debug, Clone)]
pub struct NewJob {
    kind: String,
    payload: Value,
    queue: String,
    tenant: Option<TenantId>,
    dedupe_key: Option<String>,
    order_key: Option<String>,
    priority: i16,
    run_at: Option<DateTime<Utc>>,
    max_attempts: i32,
}

impl NewJob {
    /// A job for the task `kind` with `payload`: due at once, with at most twelve attempts.
    pub fn new(kind: impl Into<String>, payload: &impl Serialize) -> Self {
        Self {
            kind: kind.into(),
            payload: serde_json::to_value(payload).unwrap_or(Value::Null),
            queue: QUEUE.to_owned(),
            tenant: None,
            dedupe_key: None,
            order_key: None,
            priority: 0,
            run_at: None,
            max_attempts: 12,
        }
    }

    /// Sets the deduplication key: while a job with `key` waits or runs, another is not enqueued.
    #[must_use]
    pub fn dedupe(mut self, key: impl Into<String>) -> Self {
        self.dedupe_key = Some(key.into());
        self
    }

    /// Sets the order key: jobs with `key` run one after the other, oldest first. Dead jobs are skipped.
    #[must_use]
    pub fn order(mut self, key: impl Into<String>) -> Self {
        self.order_key = Some(key.into());
        self
    }

    /// Sets the priority, 0 by default: higher priorities run first.
    #[must_use]
    pub const fn priority(mut self, priority: i16) -> Self {
        self.priority = priority;
        self
    }

    /// Sets the earliest time at which the job may run.
    #[must_use]
    pub const fn at(mut self, run_at: DateTime<Utc>) -> Self {
        self.run_at = Some(run_at);
        self
    }

    /// Sets the number of attempts, at least one, after which the job is given up.
    #[must_use]
    pub fn attempts(mut self, attempts: u16) -> Self {
        self.max_attempts = i32::from(attempts.max(1));
        self
    }

    /// Puts the job in `queue`, which has workers of its own.
    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = queue.into();
        self
    }

    /// Sets the tenant of the job, if it differs from that of the transaction.
    #[must_use]
    pub const fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = Some(tenant);
        self
    }
}

#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
struct JobRow {
    id: JobId,
    queue: String,
    tenant_id: Option<TenantId>,
    kind: String,
    payload: Value,
    dedupe_key: Option<String>,
    order_key: Option<String>,
    priority: i16,
    run_at: DateTime<Utc>,
    max_attempts: i32,
    created_at: DateTime<Utc>,
}

/// Enqueues jobs in a transaction.
pub trait Enqueue: Transaction {
    /// Enqueues `job` with the commit; returns its id. If a job with its deduplication key waits or runs,
    /// nothing is enqueued.
    fn job_enqueue(&mut self, job: NewJob) -> JobId {
        let Parts { tx, tenant, now, journal, .. } = self.parts();
        let id = JobId::generate(now);
        let row = JobRow {
            id,
            queue: job.queue,
            tenant_id: job.tenant.or(tenant.tenant()),
            kind: job.kind,
            payload: job.payload,
            dedupe_key: job.dedupe_key,
            order_key: job.order_key,
            priority: job.priority,
            run_at: job.run_at.unwrap_or(now),
            max_attempts: job.max_attempts,
            created_at: now,
        };
        // No conflict target: naming one would require the privilege to read the table.
        tx.defer(diesel::insert_into(jobs::table).values(row).on_conflict_do_nothing());
        journal.has_enqueued = true;
        id
    }
}

impl<T: Transaction> Enqueue for T {}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whether another attempt cannot succeed: the job is given up at once.
    pub is_permanent: bool,
    /// What went wrong, for people who investigate the failure.
    pub reason: String,
}

impl Failure {
    /// A failure after which another attempt may succeed.
    pub fn temporary(reason: impl Into<String>) -> Self {
        Self { is_permanent: false, reason: reason.into() }
    }

    /// A failure after which no attempt can succeed.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self { is_permanent: true, reason: reason.into() }
    }
}

// The errors of use cases and of the database. A problem is never permanent: something that is missing,
// forbidden or taken now may not be so later, and the last attempt ends the job anyway.
impl<E: Into<Problem>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::temporary(error.into().to_string())
    }
}
