//! Dead jobs, which were given up: listed and replayed by operators.

use crate::{PlatformTx, statement};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;
use tryzore_kernel::{AuditEntry, JobId, Journal, Limit, Page, StoreResult, TenantId};
use tryzore_schema::runtime::jobs;

statement! {
    struct ReplayJob { id: JobId => diesel::sql_types::Uuid, now: DateTime<Utc> => diesel::sql_types::Timestamptz }
    "UPDATE runtime.jobs SET dead_at = NULL, attempts = 0, run_at = $2, locked_until = NULL, locked_by = NULL
     WHERE id = $1 AND dead_at IS NOT NULL"
}

/// A job that was given up, without its payload, which may hold personal data.
#[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema, Queryable, Selectable)]
#[diesel(table_name = jobs)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct DeadJob {
    /// The id of the job.
    pub id: JobId,
    /// The tenant of the job.
    pub tenant_id: Option<TenantId>,
    /// The kind of the job.
    pub kind: String,
    /// How often the job was tried.
    pub attempts: i32,
    /// The reason of the last failure.
    pub last_error: Option<String>,
    /// When the job was enqueued.
    pub created_at: DateTime<Utc>,
    /// When the job was given up.
    pub dead_at: Option<DateTime<Utc>>,
}

impl PlatformTx {
    /// Lists dead jobs, the newest first; only those of `kind`, if it is given. `after` is the key of the
    /// last row of the page before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs_dead(
        &mut self,
        kind: Option<String>,
        after: Option<(DateTime<Utc>, JobId)>,
        limit: Limit,
    ) -> StoreResult<Page<DeadJob>> {
        use jobs::dsl;
        let mut query = dsl::jobs
            .filter(dsl::dead_at.is_not_null())
            .order((dsl::dead_at.desc(), dsl::id.desc()))
            .limit(limit.fetch_limit())
            .select(DeadJob::as_select())
            .into_boxed();
        if let Some(kind) = kind {
            query = query.filter(dsl::kind.eq(kind));
        }
        if let Some((dead_at, id)) = after {
            query = query.filter(dsl::dead_at.lt(dead_at).or(dsl::dead_at.eq(dead_at).and(dsl::id.lt(id))));
        }
        let rows = self.tx.rows(query).await?;
        Ok(Page::from_rows(rows, limit, |row: &DeadJob| (row.dead_at, row.id)))
    }

    /// Runs a dead job again with all its attempts, in its old place in the order; returns whether there
    /// is such a job.
    ///
    /// # Errors
    /// A conflict on `jobs_dedupe` when another job with its deduplication key waits or runs: replay the
    /// dead one afterwards.
    pub async fn job_replay(&mut self, id: JobId) -> StoreResult<bool> {
        let replayed = self.tx.execute(ReplayJob { id, now: self.now }).await? == 1;
        if replayed {
            self.audit_append(AuditEntry {
                action: "runtime.replay",
                target: id.uuid(),
                subject: None,
                organizations: Vec::new(),
                details: json!({}),
            });
        }
        Ok(replayed)
    }
}
