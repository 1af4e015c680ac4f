//! Outbox, decisions and audit: buffered in the transaction, appended with its commit.
//!
//! Decisions and audit lines belong to a tenant. In a transaction without one they are kept in the
//! event log, as events of the kinds `journal.decided` and `journal.audited`: nothing that was
//! recorded is lost because nobody was signed in yet.

use crate::{idempotency::KeptAnswer, sender::Sender, statement, tx::Tx};
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, Binary, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use serde_json::{Value, json};
use tryzore_kernel::{
    AuditEntry, AuditId, Decision, DecisionId, OrganizationId, OutboxId, Outcome, Published, TenantId, UserId,
};
use tryzore_rbac::Actor;
use tryzore_schema::governance::audit_log;
use uuid::Uuid;

/// What a transaction will append.
#[derive(Default)]
pub(crate) struct Buffer {
    pub(crate) events: Vec<Published>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) audit: Vec<AuditEntry>,
    /// The answer that is kept for a repetition, if one is.
    pub(crate) kept: Option<KeptAnswer>,
    /// Whether there will be work for the worker besides.
    pub(crate) has_enqueued: bool,
}

// Nearly every transaction appends, so it is one prepared statement however much it appends: the rows
// come as columns. (The query builder's inserts are not kept prepared: each would cost a parse, a
// plan and a flight of its own.)
macro_rules! append {
    ($(#[$doc:meta])* $name:ident { $($more:tt)* } $open:literal $close:literal) => {
        statement! {
            $(#[$doc])*
            struct $name {
                tenant: Option<TenantId> => Nullable<SqlUuid>,
                actor: Value => Jsonb,
                ids: Vec<OutboxId> => Array<SqlUuid>,
                organizations: Vec<Option<OrganizationId>> => Array<Nullable<SqlUuid>>,
                kinds: Vec<String> => Array<Text>,
                aggregates: Vec<Uuid> => Array<SqlUuid>,
                subjects: Vec<Option<UserId>> => Array<Nullable<SqlUuid>>,
                payloads: Vec<Value> => Array<Jsonb>,
                times: Vec<DateTime<Utc>> => Array<Timestamptz>,
                $($more)*
            }
            concat!($open,
                "INSERT INTO runtime.outbox
                     (id, tenant_id, organization_id, kind, aggregate_id, subject_id, actor, payload, occurred_at)
                 SELECT e.id, $1, e.organization, e.kind, e.aggregate, e.subject, $2, e.payload, e.at
                 FROM unnest($3, $4, $5, $6, $7, $8, $9) AS e (id, organization, kind, aggregate, subject, payload, at)",
                $close)
        }
    };
}

append! {
    /// What happened.
    AppendEvents {} "" ""
}

append! {
    /// What happened, what was decided, and the answer that is kept for a repetition.
    AppendAll {
        decisions: Vec<DecisionId> => Array<SqlUuid>,
        commands: Vec<&'static str> => Array<Text>,
        objects: Vec<Uuid> => Array<SqlUuid>,
        places: Vec<Option<OrganizationId>> => Array<Nullable<SqlUuid>>,
        concerned: Vec<Option<UserId>> => Array<Nullable<SqlUuid>>,
        outcomes: Vec<&'static str> => Array<Text>,
        codes: Vec<String> => Array<Text>,
        because: Vec<Value> => Array<Jsonb>,
        remedies: Vec<Option<Value>> => Array<Nullable<Jsonb>>,
        now: DateTime<Utc> => Timestamptz,
        keepers: Vec<Uuid> => Array<SqlUuid>,
        keys: Vec<String> => Array<Text>,
        fingerprints: Vec<Vec<u8>> => Array<Binary>,
        statuses: Vec<i16> => Array<SmallInt>,
        bodies: Vec<Value> => Array<Jsonb>,
    }
    "WITH events AS ("
    "),
     decisions AS (
         INSERT INTO runtime.decisions (tenant_id, id, command, object_id, organization_id, actor, subject_id, outcome,
             code, because, remedy, decided_at)
         SELECT $1, d.id, d.command, d.object, d.place, $2, d.subject, d.outcome, d.code, d.because, d.remedy, $19
         FROM unnest($10, $11, $12, $13, $14, $15, $16, $17, $18)
             AS d (id, command, object, place, subject, outcome, code, because, remedy))
     INSERT INTO runtime.idempotency_keys (tenant_id, actor_id, key, fingerprint, status, body, created_at)
     SELECT $1, k.actor, k.key, k.fingerprint, k.status, k.body, $19
     FROM unnest($20, $21, $22, $23, $24) AS k (actor, key, fingerprint, status, body)"
}

/// Events as columns.
#[derive(Default)]
struct EventColumns {
    ids: Vec<OutboxId>,
    organizations: Vec<Option<OrganizationId>>,
    kinds: Vec<String>,
    aggregates: Vec<Uuid>,
    subjects: Vec<Option<UserId>>,
    payloads: Vec<Value>,
    times: Vec<DateTime<Utc>>,
}

impl EventColumns {
    fn of(events: impl Iterator<Item = Published>, now: DateTime<Utc>) -> Self {
        let mut columns = Self::default();
        for event in events {
            columns.ids.push(OutboxId::generate(now));
            columns.organizations.push(event.organization);
            columns.kinds.push(event.kind.into_owned());
            columns.aggregates.push(event.aggregate);
            columns.subjects.push(event.subject);
            columns.payloads.push(event.payload);
            columns.times.push(event.at);
        }
        columns
    }
}

fn column<'r, R: 'r, T>(rows: impl IntoIterator<Item = &'r R>, of: impl Fn(&R) -> T) -> Vec<T> {
    rows.into_iter().map(of).collect()
}

#[derive(Insertable)]
#[diesel(table_name = audit_log)]
struct AuditRow {
    tenant_id: TenantId,
    id: AuditId,
    actor: Value,
    subject_id: Option<UserId>,
    action: &'static str,
    target_id: Uuid,
    organization_ids: Vec<OrganizationId>,
    details: Value,
    ip_address: Option<String>,
    user_agent: Option<String>,
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
        self.kept = None;
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
            self.append_events(tx, None, actor, now);
            return last;
        };
        for entry in self.audit.drain(..) {
            let Sender { ip_address, user_agent } = Sender::current();
            tx.defer(diesel::insert_into(audit_log::table).values(AuditRow {
                tenant_id: tenant,
                id: AuditId::generate(now),
                actor: actor.clone(),
                subject_id: entry.subject,
                action: entry.action,
                target_id: entry.target,
                organization_ids: entry.organizations,
                details: entry.details,
                ip_address: ip_address.map(|ip| ip.to_string()),
                user_agent,
                at: now,
            }));
        }
        if self.decisions.is_empty() && self.kept.is_none() {
            self.append_events(tx, Some(tenant), actor, now);
            return None;
        }
        let events = EventColumns::of(self.events.drain(..), now);
        let (decisions, kept) = (&self.decisions, &self.kept);
        let ids: Vec<DecisionId> = decisions.iter().map(|_| DecisionId::generate(now)).collect();
        let last = ids.last().copied();
        tx.defer(AppendAll {
            tenant: Some(tenant),
            actor,
            ids: events.ids,
            organizations: events.organizations,
            kinds: events.kinds,
            aggregates: events.aggregates,
            subjects: events.subjects,
            payloads: events.payloads,
            times: events.times,
            decisions: ids,
            commands: column(decisions, |one| one.command),
            objects: column(decisions, |one| one.object),
            places: column(decisions, |one| one.organization),
            concerned: column(decisions, |one| one.subject),
            outcomes: column(decisions, |one| match one.outcome {
                Outcome::Allowed => "allowed",
                Outcome::Denied => "denied",
            }),
            codes: column(decisions, |one| one.code.to_string()),
            because: column(decisions, |one| json!(one.because)),
            remedies: column(decisions, |one| one.remedy.as_ref().map(|remedy| json!(remedy))),
            now,
            keepers: column(kept, |one| one.actor),
            keys: column(kept, |one| one.key.key.clone()),
            fingerprints: column(kept, |one| one.key.fingerprint.clone()),
            statuses: column(kept, |one| one.status),
            bodies: column(kept, |one| one.body.clone()),
        });
        last
    }

    // Without a tenant there is no decision log and no audit trail: the event log tells.
    fn tell_as_events(&mut self, now: DateTime<Utc>) -> Option<DecisionId> {
        for entry in self.audit.drain(..) {
            let Sender { ip_address, user_agent } = Sender::current();
            let told = json!({
                "action": entry.action, "target": entry.target, "subject": entry.subject,
                "organizations": entry.organizations, "details": entry.details,
                "ip_address": ip_address, "user_agent": user_agent,
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

    fn append_events(&mut self, tx: &mut Tx, tenant: Option<TenantId>, actor: Value, now: DateTime<Utc>) {
        if self.events.is_empty() {
            return;
        }
        let events = EventColumns::of(self.events.drain(..), now);
        tx.defer(AppendEvents {
            tenant,
            actor,
            ids: events.ids,
            organizations: events.organizations,
            kinds: events.kinds,
            aggregates: events.aggregates,
            subjects: events.subjects,
            payloads: events.payloads,
            times: events.times,
        });
    }
}
