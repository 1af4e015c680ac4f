//! The dispatcher: events get their positions, and subscriptions their jobs.
//!
//! `seq` is drawn before a transaction commits, so a reader that goes by it can miss a row that
//! commits late. `position` is drawn here, for rows that have committed, by one dispatcher at a
//! time: an advisory lock is held from before the rows are read until they are committed. So when a
//! position can be seen, every lower one can.
//!
//! Positions and jobs are written in one transaction: wherever the process is killed, no event is
//! dispatched twice or lost. A new subscription receives events from its introduction on.

use super::{
    Follow, Program, Subscription,
    listen::{Heard, Wire},
    message::{self, Delivery},
};
use crate::{Db, PlatformTx, statement, stream::News};
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tryzore_kernel::{JobId, OutboxId, Problem, StoreResult, TenantId};
use tryzore_rbac::SystemActor;
use uuid::Uuid;

/// How many events get their positions in one transaction.
pub const BATCH: i64 = 500;
/// The poll interval: how long an event may wait when no notification arrives.
pub const POLL: Duration = Duration::from_secs(1);
/// The channel that is notified how far the event log goes: the payload is the last position and, after
/// a semicolon, the tenants with new events ([`News`]).
pub const STREAM: &str = "tryzore_stream";

// Any number that no other code locks.
const LOCK: i64 = 0x7472_797a_6f72_6501;

statement! {
    /// One dispatcher at a time; the next statement sees what the previous dispatcher has committed.
    struct LockDispatch { lock: i64 => BigInt }
    "SELECT pg_advisory_xact_lock($1)"
}

statement! {
    /// The inner query is ordered, so positions are drawn in that order.
    struct PlaceMessages { most: i64 => BigInt }
    "WITH waiting AS MATERIALIZED (
         SELECT seq FROM runtime.outbox WHERE position IS NULL ORDER BY seq LIMIT $1),
     placed AS MATERIALIZED (
         SELECT seq, nextval('runtime.outbox_position') AS position FROM waiting)
     UPDATE runtime.outbox o SET position = placed.position FROM placed WHERE o.seq = placed.seq
     RETURNING o.id, o.position, o.tenant_id, o.kind, o.aggregate_id"
}

statement! {
    struct InsertDeliveries {
        ids: Vec<Uuid> => Array<SqlUuid>,
        tenants: Vec<Option<TenantId>> => Array<Nullable<SqlUuid>>,
        payloads: Vec<Value> => Array<Jsonb>,
        dedupes: Vec<String> => Array<Text>,
        orders: Vec<String> => Array<Text>,
        kind: &'static str => Text,
        now: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO runtime.jobs (id, tenant_id, kind, payload, dedupe_key, order_key, run_at, created_at)
     SELECT id, tenant, $6, payload, dedupe, ord, $7, $7
     FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS d (id, tenant, payload, dedupe, ord, n) ORDER BY n
     ON CONFLICT DO NOTHING"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct PlacedRow {
    #[diesel(sql_type = SqlUuid)]
    id: OutboxId,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    tenant_id: Option<TenantId>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    aggregate_id: Uuid,
}

/// The result of a dispatch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dispatched {
    /// The number of events that got a position.
    pub events: usize,
    /// The number of jobs that were enqueued for them.
    pub jobs: usize,
    /// The last position, if there were events.
    pub last: Option<i64>,
    /// The tenants of the events.
    pub tenants: BTreeSet<TenantId>,
}

impl PlatformTx {
    /// Gives positions to waiting events, and enqueues jobs for the subscriptions that follow them.
    async fn outbox_dispatch<S>(&mut self, subscriptions: &[Subscription<S>]) -> StoreResult<Dispatched> {
        // Another dispatcher that hangs must not block this one.
        self.tx
            .prepend("SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '10s'");
        self.tx.defer(LockDispatch { lock: LOCK });
        let mut placed: Vec<PlacedRow> = self.tx.rows(PlaceMessages { most: BATCH }).await?;
        placed.sort_by_key(|row| row.position);
        let mut insert = InsertDeliveries {
            ids: Vec::new(),
            tenants: Vec::new(),
            payloads: Vec::new(),
            dedupes: Vec::new(),
            orders: Vec::new(),
            kind: message::KIND,
            now: self.now,
        };
        for row in &placed {
            for subscription in subscriptions.iter().filter(|s| s.is_for(row)) {
                let name = subscription.name;
                let delivery = Delivery { subscription: name.to_owned(), message: row.id };
                insert.ids.push(JobId::generate(self.now).uuid());
                insert.tenants.push(row.tenant_id);
                insert.payloads.push(serde_json::to_value(delivery).unwrap_or(Value::Null));
                insert.dedupes.push(format!("{name}:{}", row.id));
                insert.orders.push(format!("{name}:{}", row.aggregate_id.simple()));
            }
        }
        let jobs = insert.ids.len();
        if jobs > 0 {
            self.tx.defer(insert);
        }
        Ok(Dispatched {
            events: placed.len(),
            jobs,
            last: placed.last().map(|row| row.position),
            tenants: placed.iter().filter_map(|row| row.tenant_id).collect(),
        })
    }
}

impl<S> Subscription<S> {
    fn is_for(&self, row: &PlacedRow) -> bool {
        let is_reachable = row.tenant_id.is_some() || matches!(self.follow, Follow::Anywhere(_));
        is_reachable && self.follows(&row.kind)
    }
}

/// Dispatches all waiting events.
///
/// # Errors
/// When the database fails; events that were dispatched before stay dispatched.
pub async fn dispatch<S>(db: &Db, program: &Program<S>) -> Result<Dispatched, Problem> {
    let mut all = Dispatched::default();
    loop {
        let one = db
            .platform_tx(SystemActor::Worker, async |tx| tx.outbox_dispatch(&program.subscriptions).await)
            .await?;
        all.events += one.events;
        all.jobs += one.jobs;
        all.last = one.last.or(all.last);
        all.tenants.extend(one.tenants);
        if i64::try_from(one.events).unwrap_or(BATCH) < BATCH {
            return Ok(all);
        }
    }
}

/// Dispatches events as they are published.
pub struct Dispatcher<S: 'static> {
    db: Db,
    program: &'static Program<S>,
    wire: Wire,
    runner: Arc<Notify>,
}

impl<S> Dispatcher<S> {
    /// A dispatcher that notifies the readers of the event log over `wire`, and `runner` when there may
    /// be jobs.
    #[must_use]
    pub const fn new(db: Db, program: &'static Program<S>, wire: Wire, runner: Arc<Notify>) -> Self {
        Self { db, program, wire, runner }
    }

    /// Dispatches until `stop`, after each `outbox_signal` and at least every second.
    pub async fn run(mut self, mut outbox_signal: watch::Receiver<Heard>, stop: CancellationToken) {
        let mut poll = tokio::time::interval(POLL);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = poll.tick() => {}
                // When the listener is gone, only the poll remains.
                Ok(()) = outbox_signal.changed() => self.runner.notify_one(),
            }
            match dispatch(&self.db, self.program).await {
                Ok(Dispatched { last: Some(last), jobs, tenants, .. }) => {
                    if jobs > 0 {
                        self.runner.notify_one();
                    }
                    self.wire.notify(STREAM, &News::payload(last, &tenants)).await;
                }
                Ok(_) => {}
                Err(problem) => tracing::warn!(%problem, "the outbox could not be dispatched"),
            }
        }
    }
}
