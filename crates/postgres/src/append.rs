//! The rows that a commit appends, as prepared statements: events, decisions, the answer that is stored
//! for repetitions of the request, entries of the audit trail.
//!
//! Nearly every transaction appends, most of them one event and one decision: that case has a statement
//! whose values are bound directly. Any other number of rows is one statement too, with an array for each
//! column; unnesting the arrays costs half as much again as writing the rows. (The inserts of the query
//! builder are not cached as prepared statements: each would cost a parse, a plan and a round trip.)

use crate::{idempotency::StoredAnswer, request_origin::RequestOrigin, statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Binary, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::{Value, json};
use std::mem::take;
use tryzore_kernel::{
    AuditEntry, AuditId, Decision, DecisionId, OrganizationId, OutboxId, Outcome, Published, TenantId, UserId,
};
use uuid::Uuid;

/// Who appends, for which tenant, and when.
pub(crate) struct Head {
    pub(crate) tenant: Option<TenantId>,
    pub(crate) actor: Value,
    pub(crate) now: DateTime<Utc>,
}

// A column of one row is the value itself; a column of many rows is a `Vec` bound as an `Array`.
type One<T> = T;
type Slice<T> = [T];

fn one<R, T>(row: &mut R, of: impl Fn(&mut R) -> T) -> T {
    of(row)
}

fn many<R, T>(rows: &mut [R], of: impl Fn(&mut R) -> T) -> Vec<T> {
    rows.iter_mut().map(of).collect()
}

macro_rules! insert_events {
    ($open:literal $close:literal) => {
        concat!(
            "INSERT INTO runtime.outbox
                 (id, tenant_id, organization_id, kind, aggregate_id, subject_id, audience, actor, payload,
                  occurred_at)
             SELECT e.id, $1, e.organization, e.kind, e.aggregate, e.subject, e.audience, $2, e.payload, e.at
             FROM ",
            $open,
            "$3, $4, $5, $6, $7, $8, $9, $10",
            $close,
            " AS e (id, organization, kind, aggregate, subject, audience, payload, at)"
        )
    };
}

// One event and one decision as plain values, or any number of both as arrays.
macro_rules! append {
    ($(#[$doc:meta])* $name:ident, $rows:ident of $given:ident, $sql:ident, $each:ident, $open:literal $close:literal) => {
        statement! {
            $(#[$doc])*
            pub(crate) struct $name {
                tenant: Option<TenantId> => Nullable<SqlUuid>,
                actor: Value => Jsonb,
                id: $rows<OutboxId> => $sql<SqlUuid>,
                organization: $rows<Option<OrganizationId>> => $sql<Nullable<SqlUuid>>,
                kind: $rows<String> => $sql<Text>,
                aggregate: $rows<Uuid> => $sql<SqlUuid>,
                subject: $rows<Option<UserId>> => $sql<Nullable<SqlUuid>>,
                audience: $rows<Option<&'static str>> => $sql<Nullable<Text>>,
                payload: $rows<Value> => $sql<Jsonb>,
                at: $rows<DateTime<Utc>> => $sql<Timestamptz>,
                decision: $rows<DecisionId> => $sql<SqlUuid>,
                command: $rows<&'static str> => $sql<Text>,
                object: $rows<Uuid> => $sql<SqlUuid>,
                place: $rows<Option<OrganizationId>> => $sql<Nullable<SqlUuid>>,
                concerned: $rows<Option<UserId>> => $sql<Nullable<SqlUuid>>,
                shown_to: $rows<Option<&'static str>> => $sql<Nullable<Text>>,
                outcome: $rows<&'static str> => $sql<Text>,
                code: $rows<String> => $sql<Text>,
                because: $rows<Value> => $sql<Jsonb>,
                remedy: $rows<Option<Value>> => $sql<Nullable<Jsonb>>,
                now: DateTime<Utc> => Timestamptz,
                keeper: Option<Uuid> => Nullable<SqlUuid>,
                key: Option<String> => Nullable<Text>,
                fingerprint: Option<Vec<u8>> => Nullable<Binary>,
                status: Option<i16> => Nullable<SmallInt>,
                body: Option<String> => Nullable<Text>,
                reached: Vec<OrganizationId> => Array<SqlUuid>,
            }
            concat!(
                "WITH events AS (",
                insert_events!($open $close),
                "), decisions AS (
                     INSERT INTO runtime.decisions (tenant_id, id, command, object_id, organization_id, actor,
                         subject_id, audience, outcome, code, because, remedy, decided_at)
                     SELECT $1, d.id, d.command, d.object, d.place, $2, d.subject, d.audience, d.outcome, d.code,
                         d.because, d.remedy, $21
                     FROM ",
                $open,
                "$11, $12, $13, $14, $15, $16, $17, $18, $19, $20",
                $close,
                " AS d (id, command, object, place, subject, audience, outcome, code, because, remedy))
                 INSERT INTO runtime.idempotency_keys (tenant_id, actor_id, key, fingerprint, status, body, created_at,
                     organization_ids)
                 SELECT $1, $22, $23, $24, $25, $26, $21, $27 WHERE $23 IS NOT NULL"
            )
        }

        impl $name {
            pub(crate) fn new(
                Head { tenant, actor, now }: Head,
                events: &mut $given<Published>,
                decisions: &mut $given<(DecisionId, Decision)>,
                kept: Option<StoredAnswer>,
            ) -> Self {
                let kept = kept.map(|StoredAnswer { actor, key, status, body, reached }| {
                    (Some(actor), Some(key.key), Some(key.fingerprint), Some(status), Some(body), reached)
                });
                let (keeper, key, fingerprint, status, body, reached) = kept.unwrap_or_default();
                Self {
                    tenant,
                    actor,
                    id: $each(events, |_| OutboxId::generate(now)),
                    organization: $each(events, |event| event.organization),
                    kind: $each(events, |event| take(&mut event.kind).into_owned()),
                    aggregate: $each(events, |event| event.aggregate),
                    subject: $each(events, |event| event.subject),
                    audience: $each(events, |event| event.audience.permission()),
                    payload: $each(events, |event| event.payload.take()),
                    at: $each(events, |event| event.at),
                    decision: $each(decisions, |(id, _)| *id),
                    command: $each(decisions, |(_, one)| one.command.name),
                    object: $each(decisions, |(_, one)| one.object),
                    place: $each(decisions, |(_, one)| one.organization),
                    concerned: $each(decisions, |(_, one)| one.subject),
                    shown_to: $each(decisions, |(_, one)| one.command.audience.permission()),
                    outcome: $each(decisions, |(_, one)| match one.outcome {
                        Outcome::Allowed => "allowed",
                        Outcome::Denied => "denied",
                    }),
                    code: $each(decisions, |(_, one)| one.code.to_string()),
                    because: $each(decisions, |(_, one)| json!(one.because)),
                    remedy: $each(decisions, |(_, one)| one.remedy.as_ref().map(|remedy| json!(remedy))),
                    now,
                    keeper,
                    key,
                    fingerprint,
                    status,
                    body,
                    reached,
                }
            }
        }
    };
}

append! {
    /// One event, one decision, and the answer to store for repetitions of the request, if there is one.
    AppendOne, One of One, One, one, "(VALUES (" "))"
}

append! {
    /// Any number of events and decisions, and the answer to store, if there is one.
    AppendAll, Vec of Slice, Array, many, "unnest(" ")"
}

statement! {
    /// Events only: all that a transaction without a tenant may append.
    pub(crate) struct AppendEvents {
        tenant: Option<TenantId> => Nullable<SqlUuid>,
        actor: Value => Jsonb,
        ids: Vec<OutboxId> => Array<SqlUuid>,
        organizations: Vec<Option<OrganizationId>> => Array<Nullable<SqlUuid>>,
        kinds: Vec<String> => Array<Text>,
        aggregates: Vec<Uuid> => Array<SqlUuid>,
        subjects: Vec<Option<UserId>> => Array<Nullable<SqlUuid>>,
        audiences: Vec<Option<&'static str>> => Array<Nullable<Text>>,
        payloads: Vec<Value> => Array<Jsonb>,
        times: Vec<DateTime<Utc>> => Array<Timestamptz>,
    }
    insert_events!("unnest(" ")")
}

impl AppendEvents {
    pub(crate) fn new(Head { tenant, actor, now }: Head, events: &mut [Published]) -> Self {
        Self {
            tenant,
            actor,
            ids: many(events, |_| OutboxId::generate(now)),
            organizations: many(events, |event| event.organization),
            kinds: many(events, |event| take(&mut event.kind).into_owned()),
            aggregates: many(events, |event| event.aggregate),
            subjects: many(events, |event| event.subject),
            audiences: many(events, |event| event.audience.permission()),
            payloads: many(events, |event| event.payload.take()),
            times: many(events, |event| event.at),
        }
    }
}

statement! {
    /// An entry of the audit trail.
    pub(crate) struct AppendAudit {
        tenant: TenantId => SqlUuid,
        id: AuditId => SqlUuid,
        actor: Value => Jsonb,
        subject: Option<UserId> => Nullable<SqlUuid>,
        action: &'static str => Text,
        target: Uuid => SqlUuid,
        organizations: Vec<OrganizationId> => Array<SqlUuid>,
        details: Value => Jsonb,
        ip_address: Option<String> => Nullable<Text>,
        user_agent: Option<String> => Nullable<Text>,
        at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO governance.audit_log (tenant_id, id, actor, subject_id, action, target_id, organization_ids, details,
         ip_address, user_agent, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
}

impl AppendAudit {
    /// The entry with the origin of the current request.
    pub(crate) fn new(tenant: TenantId, actor: Value, entry: AuditEntry, at: DateTime<Utc>) -> Self {
        let RequestOrigin { ip_address, user_agent } = RequestOrigin::current();
        Self {
            tenant,
            id: AuditId::generate(at),
            actor,
            subject: entry.subject,
            action: entry.action,
            target: entry.target,
            organizations: entry.organizations,
            details: entry.details,
            ip_address: ip_address.map(|ip| ip.to_string()),
            user_agent,
            at,
        }
    }
}
