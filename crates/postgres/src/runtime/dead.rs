//! Work that was given up: to be seen, understood and done again.

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
    /// Its id.
    pub id: JobId,
    /// Whose work it was.
    pub tenant_id: Option<TenantId>,
    /// What was to be done.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it failed the last time.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// When it was given up.
    pub dead_at: Option<DateTime<Utc>>,
}

impl PlatformTx {
    /// What was given up, the newest first; of `kind` alone, when it is named. `after` is the key
    /// of the last row of the page before.
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

    /// Has a job that was given up done again, as if it were new but in its old place; whether
    /// there is one.
    ///
    /// # Errors
    /// A conflict on `jobs_dedupe` when another job of its key waits or runs meanwhile: replay it
    /// then.
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
