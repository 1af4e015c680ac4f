//! Sealing the lines of the audit trail.
//!
//! **Which lines may be sealed.** A seal covers every number up to its last line, so no line with a lower
//! number may appear afterwards. But a line gets its number before its transaction commits: a line with a
//! lower number can become visible after a line with a higher number. Waiting a few seconds would only make
//! that rare. The following steps make it impossible:
//!
//! 1. Read the highest visible number of each tenant, its mark. Every number up to the mark has been
//!    assigned.
//! 2. Then get a transaction number `x`. The default of the column `xact` gives a transaction its number
//!    before `seq` gets one, so every transaction with a number up to the mark has a transaction number below
//!    `x`.
//! 3. Wait until every transaction below `x` has ended. The lines that are visible up to the mark now are
//!    all lines that will ever be there.
//!
//! This takes no lock and makes only the sealer wait, and only for transactions that are writing at that
//! moment. If such a transaction takes long, nothing is sealed this time. Missing numbers belong to
//! transactions that were rolled back.

use crate::Governance;
use crate::GovernanceStore;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Uuid},
};
use serde::Serialize;
use std::time::Duration;
use tryzore_governance::{Noted, Seal};
use tryzore_kernel::{Problem, StoreResult, TenantId};
use tryzore_postgres::{Db, runtime::program::Work, scopes::AllTenants, statement};
use tryzore_rbac::{Permit, SystemActor};

/// The maximum number of lines in one seal.
pub const BATCH: i64 = 1_000;

const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

statement! {
    struct ReadMarks {}
    "SELECT t.id, line.seq
     FROM tenancy.tenants t
     CROSS JOIN LATERAL (SELECT seq FROM governance.audit_log WHERE tenant_id = t.id ORDER BY seq DESC LIMIT 1) line
     LEFT JOIN LATERAL (SELECT last_seq FROM governance.audit_seals WHERE tenant_id = t.id
                        ORDER BY number DESC LIMIT 1) seal ON true
     WHERE seal.last_seq IS NULL OR seal.last_seq < line.seq"
}

statement! {
    struct DrawTransaction {}
    "SELECT pg_current_xact_id()::text::bigint AS number"
}

statement! {
    struct HaveEnded { before: i64 => BigInt }
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= $1 AS have"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct MarkRow {
    #[diesel(sql_type = Uuid)]
    id: TenantId,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct HaveRow {
    #[diesel(sql_type = Bool)]
    have: bool,
}

/// The result of sealing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sealed {
    /// The number of tenants with new lines.
    pub tenants: usize,
    /// The number of new seals.
    pub seals: usize,
    /// The number of lines in the new seals.
    pub lines: usize,
    /// Whether a long transaction prevented sealing.
    pub was_held_up: bool,
}

impl GovernanceStore<'_, AllTenants> {
    // The marks are read before the transaction number, in this order.
    async fn audit_marks(&mut self) -> StoreResult<(Vec<MarkRow>, i64)> {
        let marks = self.tx.rows(ReadMarks {}).await?;
        let number: Option<NumberRow> = self.tx.row(DrawTransaction {}).await?;
        Ok((marks, number.map_or(i64::MAX, |row| row.number)))
    }

    async fn have_ended(&mut self, before: i64) -> StoreResult<bool> {
        let row: Option<HaveRow> = self.tx.row(HaveEnded { before }).await?;
        Ok(row.is_some_and(|row| row.have))
    }
}

/// Seals every line that can be sealed, tenant by tenant. Each new head is logged, so that it is known
/// outside the database.
///
/// # Errors
/// When the database fails; earlier seals stay. A conflict when another sealer was faster.
pub async fn seal_audit(db: &Db) -> Result<Sealed, Problem> {
    let worker = SystemActor::Worker;
    let (marks, number) = db.platform_tx(worker, async |tx| tx.governance().audit_marks().await).await?;
    let mut sealed = Sealed { tenants: marks.len(), ..Sealed::default() };
    if marks.is_empty() {
        return Ok(sealed);
    }
    let all_ended = tokio::time::timeout(PATIENCE, async {
        while !db.platform_tx(worker, async |tx| tx.governance().have_ended(number).await).await? {
            tokio::time::sleep(PAUSE).await;
        }
        Ok::<_, Problem>(())
    });
    match all_ended.await {
        Ok(ended) => ended?,
        Err(_) => return Ok(Sealed { was_held_up: true, ..sealed }),
    }
    for mark in marks {
        let permit = Permit::<Work>::system(mark.id, worker);
        while let Some(seal) =
            db.tenant_tx(&permit, async |tx| seal_next(&mut tx.governance(), mark.seq).await).await?
        {
            sealed.seals += 1;
            sealed.lines += seal.entries.len();
            tracing::info!(tenant = %mark.id, head = %Noted::from(seal.head()), "audit lines sealed");
        }
    }
    Ok(sealed)
}

// Makes the next seal of a tenant; `None` when no lines are left up to the mark.
async fn seal_next(tx: &mut GovernanceStore<'_>, mark: i64) -> StoreResult<Option<Seal>> {
    let head = tx.audit_head().await?;
    let lines = tx.audit_lines(head.last, mark, BATCH).await?;
    let seal = Seal::over(tx.tenant, head, &lines, tx.now);
    if let Some(seal) = &seal {
        tx.audit_seal_insert(seal);
    }
    Ok(seal)
}
