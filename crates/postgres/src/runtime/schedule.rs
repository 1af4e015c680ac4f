//! Runs schedules: a due run becomes a job and a row.
//!
//! One scheduler at a time reads the last runs, computes which runs are due and enqueues them, in one
//! transaction under an advisory lock; the key (schedule, moment) makes a run unique in any case. A run
//! for a location is named `name@organization`.
//!
//! A run is not enqueued while the previous one waits or runs; it stays due until then. A schedule that
//! has never run starts with its last minute or hour, or with the next day: a new daily schedule does not
//! run for a day before it existed.

use super::{Cadence, Each, Failure, Job, NewJob, Program, Schedule, job::QUEUE};
use crate::{Db, PlatformTx, statement};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};
use tokio_util::sync::CancellationToken;
use tryzore_kernel::{JobId, OrganizationId, Problem, StoreResult, TenantId};
use tryzore_rbac::SystemActor;

/// The kind of the jobs that run schedules.
pub const KIND: &str = "scheduled";

const LOCK: i64 = 0x7472_797a_6f72_6502;
const TICK: Duration = Duration::from_secs(1);
const ATTEMPTS: i32 = 5;

/// One run of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The name of the schedule.
    pub schedule: String,
    /// The name of the run: the schedule's, or `schedule@organization`.
    pub name: String,
    /// The moment that the run is for, which may be in the past.
    pub due_at: DateTime<Utc>,
    /// The moment of the previous run; none at the first.
    pub since: Option<DateTime<Utc>>,
    /// The tenant of the location.
    pub tenant: Option<TenantId>,
    /// The location that the run is for.
    pub organization: Option<OrganizationId>,
}

statement! {
    struct LockSchedules { lock: i64 => BigInt }
    "SELECT pg_advisory_xact_lock($1)"
}

statement! {
    struct LastRuns { names: Vec<String> => Array<Text> }
    "SELECT n.name, r.due_at FROM unnest($1) AS n (name)
     CROSS JOIN LATERAL (SELECT due_at FROM runtime.schedule_runs WHERE schedule = n.name
                         ORDER BY due_at DESC LIMIT 1) r"
}

statement! {
    /// If no job was enqueued, no run is recorded, and the run stays due.
    struct EnqueueRun {
        name: String => Text,
        due_at: DateTime<Utc> => Timestamptz,
        now: DateTime<Utc> => Timestamptz,
        id: JobId => Uuid,
        tenant: Option<TenantId> => Nullable<Uuid>,
        payload: Value => Jsonb,
        dedupe: String => Text,
        order: String => Text,
        kind: &'static str => Text,
        queue: &'static str => Text,
        attempts: i32 => Integer,
    }
    "WITH job AS (
         INSERT INTO runtime.jobs (id, queue, tenant_id, kind, payload, dedupe_key, order_key, run_at, max_attempts, created_at)
         VALUES ($4, $10, $5, $9, $6, $7, $8, $3, $11, $3)
         ON CONFLICT DO NOTHING RETURNING id)
     INSERT INTO runtime.schedule_runs (schedule, due_at, started_at) SELECT $1, $2, $3 FROM job"
}

statement! {
    struct NoteFirstSight { name: String => Text, due_at: DateTime<Utc> => Timestamptz, now: DateTime<Utc> => Timestamptz }
    "INSERT INTO runtime.schedule_runs (schedule, due_at, started_at, finished_at, outcome)
     VALUES ($1, $2, $3, $3, 'first_seen') ON CONFLICT DO NOTHING"
}

statement! {
    struct FinishRun {
        name: String => Text,
        due_at: DateTime<Utc> => Timestamptz,
        now: DateTime<Utc> => Timestamptz,
        outcome: &'static str => Text,
        details: Value => Jsonb,
    }
    "UPDATE runtime.schedule_runs SET finished_at = $3, outcome = $4, details = $5 WHERE schedule = $1 AND due_at = $2"
}

statement! {
    struct ActiveLocations {}
    "SELECT tenant_id, id, time_zone FROM tenancy.organizations WHERE status = 'active'"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct LastRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Timestamptz)]
    due_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct LocationRow {
    #[diesel(sql_type = Uuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = Uuid)]
    id: OrganizationId,
    #[diesel(sql_type = Text)]
    time_zone: String,
}

// A schedule of the platform or of a location, and when it is next due.
#[derive(Debug, Clone)]
struct ScheduleEntry {
    schedule: &'static str,
    name: String,
    cadence: Cadence,
    zone: Tz,
    tenant: Option<TenantId>,
    organization: Option<OrganizationId>,
    next_at: DateTime<Utc>,
}

/// Enqueues the runs of a program's schedules.
pub struct Scheduler<S: 'static> {
    db: Db,
    schedules: &'static [Schedule<S>],
    entries: HashMap<String, ScheduleEntry>,
    refreshed_at: Option<DateTime<Utc>>,
}

impl<S> Scheduler<S> {
    /// A scheduler for `program`.
    #[must_use]
    pub fn new(db: Db, program: &'static Program<S>) -> Self {
        Self { db, schedules: program.schedules, entries: HashMap::new(), refreshed_at: None }
    }

    /// Enqueues due runs until `stop`, every second.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if let Err(problem) = self.tick().await {
                tracing::warn!(%problem, "schedules could not be kept");
            }
        }
    }

    /// Enqueues the runs that are due now; returns how many.
    ///
    /// # Errors
    /// When the database fails; the runs then stay due.
    pub async fn tick(&mut self) -> Result<usize, Problem> {
        let now = self.db.clock().now();
        if self.refreshed_at.is_none_or(|at| now - at >= TimeDelta::minutes(1)) {
            self.refresh(now).await?;
        }
        let due: Vec<_> = self.entries.values().filter(|entry| entry.next_at <= now).cloned().collect();
        let mut runs = 0;
        // In portions: the lock is not held while thousands of locations are processed.
        for portion in due.chunks(200) {
            let results = self
                .db
                .platform_tx(SystemActor::Worker, async |tx| tx.schedules_enqueue(portion).await)
                .await?;
            for (entry, enqueued) in portion.iter().zip(results) {
                runs += enqueued.runs;
                if let Some(known) = self.entries.get_mut(&entry.name).filter(|_| enqueued.is_settled) {
                    known.next_at = known.cadence.next(known.zone, now);
                }
            }
        }
        Ok(runs)
    }

    // Locations open, close and change their time zone.
    async fn refresh(&mut self, now: DateTime<Utc>) -> Result<(), Problem> {
        let wants_locations = self.schedules.iter().any(|schedule| schedule.each == Each::Organization);
        let locations: Vec<LocationRow> = match wants_locations {
            true => {
                self.db
                    .platform_tx(SystemActor::Worker, async |tx| tx.tx.rows(ActiveLocations {}).await)
                    .await?
            }
            false => Vec::new(),
        };
        let mut found = HashMap::new();
        for schedule in self.schedules {
            let at = |name: String, zone, tenant, organization| ScheduleEntry {
                schedule: schedule.name,
                name,
                cadence: schedule.cadence,
                zone,
                tenant,
                organization,
                next_at: now,
            };
            match schedule.each {
                Each::Platform => {
                    found.insert(schedule.name.to_owned(), at(schedule.name.to_owned(), Tz::UTC, None, None));
                }
                Each::Organization => found.extend(locations.iter().filter_map(|location| {
                    let zone = location.time_zone.parse().ok()?;
                    let name = format!("{}@{}", schedule.name, location.id);
                    Some((name.clone(), at(name, zone, Some(location.tenant_id), Some(location.id))))
                })),
            }
        }
        for (name, entry) in &mut found {
            if let Some(known) = self.entries.get(name).filter(|known| known.zone == entry.zone) {
                entry.next_at = known.next_at;
            }
        }
        self.entries = found;
        self.refreshed_at = Some(now);
        Ok(())
    }
}

// The result for one schedule.
struct Enqueued {
    runs: usize,
    is_settled: bool,
}

impl PlatformTx {
    async fn schedules_enqueue(&mut self, due: &[ScheduleEntry]) -> StoreResult<Vec<Enqueued>> {
        let now = self.now;
        self.tx
            .prepend("SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '10s'");
        self.tx.defer(LockSchedules { lock: LOCK });
        let names = due.iter().map(|entry| entry.name.clone()).collect();
        let rows: Vec<LastRow> = self.tx.rows(LastRuns { names }).await?;
        let last: HashMap<_, _> = rows.into_iter().map(|row| (row.name, row.due_at)).collect();
        let mut answers = Vec::new();
        for entry in due {
            let mut since = last.get(&entry.name).copied();
            if let (None, Cadence::Daily(_)) = (since, entry.cadence) {
                let due_at = entry.cadence.last(entry.zone, now);
                self.tx.defer(NoteFirstSight { name: entry.name.clone(), due_at, now });
                answers.push(Enqueued { runs: 0, is_settled: true });
                continue;
            }
            let mut answer = Enqueued { runs: 0, is_settled: true };
            let missed = entry.cadence.due(entry.zone, since.unwrap_or(DateTime::<Utc>::MIN_UTC), now);
            for due_at in missed {
                let run = self.tx.execute(entry.enqueue(due_at, since, now)).await?;
                answer.runs += run;
                answer.is_settled &= run == 1;
                since = Some(due_at);
            }
            answers.push(answer);
        }
        Ok(answers)
    }
}

impl ScheduleEntry {
    fn enqueue(&self, due_at: DateTime<Utc>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> EnqueueRun {
        let run = Run {
            schedule: self.schedule.to_owned(),
            name: self.name.clone(),
            due_at,
            since,
            tenant: self.tenant,
            organization: self.organization,
        };
        let order = format!("scheduled:{}", self.name);
        EnqueueRun {
            name: self.name.clone(),
            due_at,
            now,
            id: JobId::generate(now),
            tenant: self.tenant,
            payload: serde_json::to_value(run).unwrap_or(Value::Null),
            // Each missed day is a job of its own; of minutes and hours one job at a time is enough.
            dedupe: match self.cadence {
                Cadence::Daily(_) => format!("{order}@{}", due_at.timestamp()),
                Cadence::EveryMinute | Cadence::Hourly => order.clone(),
            },
            order,
            kind: KIND,
            queue: QUEUE,
            attempts: ATTEMPTS,
        }
    }
}

/// Runs a scheduled job and records its result.
pub(crate) async fn run<S>(db: &Db, services: S, program: &Program<S>, job: &Job) -> Result<(), Failure> {
    let run: Run = job.payload()?;
    let schedule = program
        .schedules
        .iter()
        .find(|schedule| schedule.name == run.schedule)
        .ok_or_else(|| Failure::temporary(format!("no schedule `{}` here", run.schedule)))?;
    let (name, due_at) = (run.name.clone(), run.due_at);
    let answer = (schedule.run)(services, run).await;
    let (outcome, details) = match &answer {
        Ok(details) => ("done", details.clone()),
        Err(failure) if failure.is_permanent || job.is_last_attempt() => {
            ("failed", json!({"error": failure.reason}))
        }
        Err(_) => return answer.map(drop),
    };
    let noted = db
        .platform_tx(SystemActor::Worker, async |tx| {
            tx.tx.defer(FinishRun { name, due_at, now: tx.now, outcome, details });
            Ok::<_, Problem>(())
        })
        .await;
    answer?;
    Ok(noted?)
}

/// A job that runs `schedule` once now, in addition to its regular runs.
#[must_use]
pub fn requested(schedule: &str, now: DateTime<Utc>) -> NewJob {
    let run = Run {
        schedule: schedule.to_owned(),
        name: schedule.to_owned(),
        due_at: now,
        since: None,
        tenant: None,
        organization: None,
    };
    NewJob::new(KIND, &run).order(format!("scheduled:{schedule}"))
}
