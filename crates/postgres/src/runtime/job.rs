//! Work to be done, and how it fails.

use crate::scopes::{Scope, Scoped};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::sync::Arc;
use tryzore_kernel::{JobId, Problem, TenantId};
use tryzore_schema::runtime::jobs;

/// The queue of a job that names none.
pub const QUEUE: &str = "default";

/// A job under one claim. The token is of that claim alone: who claims the job again, be it the same
/// worker, holds it under another, and whoever held it before changes nothing any more.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Held {
    pub(crate) seq: i64,
    pub(crate) claim: Arc<str>,
}

/// Work that a worker holds a lease of.
#[derive(Debug, Clone)]
pub struct Job {
    pub(crate) held: Held,
    /// Its id: the same at every attempt.
    pub id: JobId,
    /// Whose work it is.
    pub tenant: Option<TenantId>,
    /// What is to be done: the name of a task.
    pub kind: String,
    /// With what.
    pub payload: Value,
    /// What it must not overtake.
    pub order_key: Option<String>,
    /// Which attempt this is: 1 for the first.
    pub attempt: u32,
    /// After how many attempts it is given up.
    pub max_attempts: u32,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
}

impl Job {
    /// What it is to be done with.
    ///
    /// # Errors
    /// A permanent [`Failure`] when the payload is of another shape.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(&self.payload).map_err(|error| Failure::permanent(format!("payload: {error}")))
    }

    /// Whether it is given up when this attempt fails.
    #[must_use]
    pub const fn is_last_attempt(&self) -> bool {
        self.attempt >= self.max_attempts
    }
}

/// Work to be enqueued.
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
    /// The task `kind` with `payload`: as soon as possible, at most twelve times.
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

    /// At most one job of `key` waits or runs; another is not enqueued.
    #[must_use]
    pub fn dedupe(mut self, key: impl Into<String>) -> Self {
        self.dedupe_key = Some(key.into());
        self
    }

    /// Jobs of `key` run one after the other, oldest first. One that was given up is passed by.
    #[must_use]
    pub fn order(mut self, key: impl Into<String>) -> Self {
        self.order_key = Some(key.into());
        self
    }

    /// Before those of a lower priority; 0 when not said.
    #[must_use]
    pub const fn priority(mut self, priority: i16) -> Self {
        self.priority = priority;
        self
    }

    /// Not before `run_at`.
    #[must_use]
    pub const fn at(mut self, run_at: DateTime<Utc>) -> Self {
        self.run_at = Some(run_at);
        self
    }

    /// Given up after `attempts`, at least one.
    #[must_use]
    pub fn attempts(mut self, attempts: u16) -> Self {
        self.max_attempts = i32::from(attempts.max(1));
        self
    }

    /// In `queue`, whose workers do nothing else.
    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = queue.into();
        self
    }

    /// Of `tenant`, when it is not the transaction's.
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

impl<S: Scope> Scoped<S> {
    /// Enqueues `job` with the commit, or not at all. Its id, unless its key was taken: then nothing
    /// is enqueued.
    pub fn job_enqueue(&mut self, job: NewJob) -> JobId {
        let id = JobId::generate(self.now);
        let row = JobRow {
            id,
            queue: job.queue,
            tenant_id: job.tenant.or(self.tenant.tenant()),
            kind: job.kind,
            payload: job.payload,
            dedupe_key: job.dedupe_key,
            order_key: job.order_key,
            priority: job.priority,
            run_at: job.run_at.unwrap_or(self.now),
            max_attempts: job.max_attempts,
            created_at: self.now,
        };
        // No conflict target: naming one would ask for the right to read the table.
        self.tx.defer(diesel::insert_into(jobs::table).values(row).on_conflict_do_nothing());
        self.journal.has_enqueued = true;
        id
    }
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whether trying again cannot help: the job is given up at once.
    pub is_permanent: bool,
    /// What happened, for whoever looks at it.
    pub reason: String,
}

impl Failure {
    /// It may work later.
    pub fn temporary(reason: impl Into<String>) -> Self {
        Self { is_permanent: false, reason: reason.into() }
    }

    /// It will never work.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self { is_permanent: true, reason: reason.into() }
    }
}

// The errors of use cases and of the database. A problem is never permanent: what is not there yet,
// not allowed yet or taken just now may be another time, and the last attempt ends it anyway.
impl<E: Into<Problem>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::temporary(error.into().to_string())
    }
}
