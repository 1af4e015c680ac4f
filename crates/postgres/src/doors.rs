//! The transaction types, one a door.

use crate::{journal::Buffer, tx::Tx};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, Decision, Journal, Problem, Published, StoreError, TenantId};
use tryzore_rbac::Actor;

/// A transaction in one tenant. It implements the ports of all domains.
pub struct TenantTx {
    pub(crate) tx: Tx,
    pub(crate) tenant: TenantId,
    pub(crate) actor: Actor,
    pub(crate) now: DateTime<Utc>,
    journal: Buffer,
}

impl TenantTx {
    pub(crate) fn new(tx: Tx, tenant: TenantId, actor: Actor, now: DateTime<Utc>) -> Self {
        Self { tx, tenant, actor, now, journal: Buffer::default() }
    }

    // A literal from a typed id, not `set_config($1)`: a sharded Postgres forwards only the
    // statement.
    pub(crate) fn opening(tenant: TenantId) -> String {
        format!("BEGIN; SET LOCAL app.tenant_id = '{}'", tenant.uuid())
    }

    pub(crate) fn has_published(&self) -> bool {
        self.journal.has_published()
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.journal.append(&mut self.tx, self.tenant, self.actor, self.now);
        self.tx.commit().await
    }

    /// Undoes everything and records the refusals that `problem` comes from.
    pub(crate) async fn refuse(mut self, mut problem: Problem) -> Problem {
        let recorded = match self.journal.keep_denials() {
            true => {
                self.tx.begin_again(&Self::opening(self.tenant));
                let decision = self.journal.append(&mut self.tx, self.tenant, self.actor, self.now);
                if let Some(denial) = problem.denial.as_mut() {
                    denial.decision = decision;
                }
                self.tx.commit().await
            }
            false => self.tx.roll_back().await,
        };
        if let Err(error) = recorded {
            tracing::warn!(%error, "a refused transaction could not be ended");
        }
        problem
    }
}

impl Journal for TenantTx {
    fn event_publish(&mut self, event: Published) {
        self.journal.events.push(event);
    }

    fn decision_record(&mut self, decision: Decision) {
        self.journal.decisions.push(decision);
    }

    fn audit_append(&mut self, entry: AuditEntry) {
        self.journal.audit.push(entry);
    }
}
