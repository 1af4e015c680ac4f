//! Outbox, decisions and audit: buffered in the transaction, appended with its commit.
//!
//! Decisions and audit lines belong to a tenant. In a transaction without one they are kept in the
//! event log, as events of the kinds `journal.decided` and `journal.audited`: nothing that was
//! recorded is lost because nobody was signed in yet.

use crate::tx::Tx;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};
use tryzore_kernel::{
    AuditEntry, AuditId, Decision, DecisionId, OrganizationId, OutboxId, Outcome, Published, TenantId, UserId,
};
use tryzore_rbac::Actor;
use tryzore_schema::{
    governance::audit_log,
    runtime::{decisions, outbox},
};
use uuid::Uuid;

/// What a transaction will append.
#[derive(Default)]
pub(crate) struct Buffer {
    pub(crate) events: Vec<Published>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) audit: Vec<AuditEntry>,
    /// Whether there will be work for the worker besides.
    pub(crate) has_enqueued: bool,
}

#[derive(Insertable)]
#[diesel(table_name = outbox)]
struct OutboxRow {
    id: OutboxId,
    tenant_id: Option<TenantId>,
    organization_id: Option<OrganizationId>,
    kind: String,
    aggregate_id: Uuid,
    subject_id: Option<UserId>,
    actor: Value,
    payload: Value,
    occurred_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = decisions)]
struct DecisionRow {
    tenant_id: TenantId,
    id: DecisionId,
    command: &'static str,
    object_id: Uuid,
    organization_id: Option<OrganizationId>,
    actor: Value,
    subject_id: Option<UserId>,
    outcome: &'static str,
    code: String,
    because: Value,
    remedy: Option<Value>,
    decided_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = audit_log)]
struct AuditRow {
    tenant_id: TenantId,
    id: AuditId,
    actor: Value,
    action: &'static str,
    target_id: Uuid,
    organization_ids: Vec<OrganizationId>,
    details: Value,
    at: DateTime<Utc>,
}

impl Buffer {
    pub(crate) fn has_published(&self) -> bool {
        !self.events.is_empty() || self.has_enqueued
    }

    /// Forgets all but the refusals; whether there are any.
    pub(crate) fn keep_denials(&mut self) -> bool {
        self.events.clear();
        self.audit.clear();
        self.has_enqueued = false;
        self.decisions.retain(|decision| decision.outcome == Outcome::Denied);
        !self.decisions.is_empty()
    }

    /// Lets everything wait for the commit; the id of the last decision.
    pub(crate) fn append(
        &mut self,
        tx: &mut Tx,
        tenant: Option<TenantId>,
        actor: Actor,
        now: DateTime<Utc>,
    ) -> Option<DecisionId> {
        let actor = serde_json::to_value(actor).unwrap_or(Value::Null);
        let Some(tenant) = tenant else {
            let last = self.tell_as_events(now);
            self.append_events(tx, None, &actor, now);
            return last;
        };
        self.append_events(tx, Some(tenant), &actor, now);
        for entry in self.audit.drain(..) {
            tx.defer(diesel::insert_into(audit_log::table).values(AuditRow {
                tenant_id: tenant,
                id: AuditId::generate(now),
                actor: actor.clone(),
                action: entry.action,
                target_id: entry.target,
                organization_ids: entry.organizations,
                details: entry.details,
                at: now,
            }));
        }
        let mut last = None;
        for decision in self.decisions.drain(..) {
            let id = DecisionId::generate(now);
            last = Some(id);
            tx.defer(diesel::insert_into(decisions::table).values(DecisionRow {
                tenant_id: tenant,
                id,
                command: decision.command,
                object_id: decision.object,
                organization_id: decision.organization,
                actor: actor.clone(),
                subject_id: decision.subject,
                outcome: match decision.outcome {
                    Outcome::Allowed => "allowed",
                    Outcome::Denied => "denied",
                },
                code: decision.code.into_owned(),
                because: serde_json::to_value(decision.because).unwrap_or(Value::Null),
                remedy: decision.remedy.and_then(|remedy| serde_json::to_value(remedy).ok()),
                decided_at: now,
            }));
        }
        last
    }

    // Without a tenant there is no decision log and no audit trail: the event log tells.
    fn tell_as_events(&mut self, now: DateTime<Utc>) -> Option<DecisionId> {
        for entry in self.audit.drain(..) {
            let told = json!({
                "action": entry.action, "target": entry.target,
                "organizations": entry.organizations, "details": entry.details,
            });
            self.events.push(Published::new("journal.audited", entry.target, None, now, &told));
        }
        let mut last = None;
        for decision in self.decisions.drain(..) {
            let id = DecisionId::generate(now);
            last = Some(id);
            let told = json!({
                "id": id, "command": decision.command, "outcome": decision.outcome,
                "code": decision.code, "because": decision.because, "remedy": decision.remedy,
            });
            let event = Published::new("journal.decided", decision.object, None, now, &told);
            self.events.push(match decision.subject {
                Some(subject) => event.about(subject),
                None => event,
            });
        }
        last
    }

    fn append_events(&mut self, tx: &mut Tx, tenant: Option<TenantId>, actor: &Value, now: DateTime<Utc>) {
        for event in self.events.drain(..) {
            tx.defer(diesel::insert_into(outbox::table).values(OutboxRow {
                id: OutboxId::generate(now),
                tenant_id: tenant,
                organization_id: event.organization,
                kind: event.kind.into_owned(),
                aggregate_id: event.aggregate,
                subject_id: event.subject,
                actor: actor.clone(),
                payload: event.payload,
                occurred_at: event.at,
            }));
        }
    }
}
