//! The runner: claims jobs, runs them concurrently, and records their results.
//!
//! The runner claims up to fifty jobs at once and runs as many at a time as its settings say. Successful
//! jobs are deleted in bulk, in the same transaction that claims the next: a burst costs two round trips
//! a batch. When it is stopped, the runner releases the jobs that it has not begun, finishes the running
//! ones, and releases those that do not finish in time.
//!
//! A future that blocks would delay all others of its runner, so tasks wait for the database and the
//! network and compute little. They run on a [`tokio::task::LocalSet`].

use super::{
    Backoff, Failure, Job, Program,
    job::Held,
    message,
    program::LIMIT,
    queue::{Claim, Done},
    schedule,
};
use crate::Db;
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::{HashMap, VecDeque},
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Notify,
    task::{AbortHandle, Id, JoinError, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use tryzore_kernel::{Problem, uuid_at};
use tryzore_rbac::SystemActor;

/// The settings of a runner.
#[derive(Debug, Clone)]
pub struct RunnerSettings {
    /// The queue whose jobs it runs.
    pub queue: String,
    /// How many jobs run at a time. Most of them need a database connection.
    pub concurrency: usize,
    /// How many jobs are claimed at once.
    pub batch: usize,
    /// How long a claim lasts unless it is renewed, which happens three times in that time.
    pub lease: Duration,
    /// How often the queue is polled without a notification.
    pub poll: Duration,
    /// How long running jobs may continue after the stop signal.
    pub drain: Duration,
    /// How long a job waits after a failure.
    pub backoff: Backoff,
}

impl Default for RunnerSettings {
    fn default() -> Self {
        Self {
            queue: super::job::QUEUE.to_owned(),
            concurrency: 6,
            batch: 50,
            lease: Duration::from_secs(60),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(15),
            backoff: Backoff::default(),
        }
    }
}

/// Runs the jobs of one queue.
pub struct Runner<S: 'static> {
    db: Db,
    services: S,
    program: &'static Program<S>,
    settings: RunnerSettings,
    wake: Arc<Notify>,
}

// The jobs of a runner.
#[derive(Default)]
struct RunnerState {
    claimed: VecDeque<Job>,
    running: JoinSet<Result<(), Failure>>,
    jobs: HashMap<Id, (Job, AbortHandle)>,
    done: Vec<Done>,
}

impl<S: Clone + 'static> Runner<S> {
    /// A runner of `program`'s jobs, with `services` to work with.
    pub fn new(db: Db, services: S, program: &'static Program<S>, settings: RunnerSettings) -> Self {
        Self { db, services, program, settings, wake: Arc::default() }
    }

    /// Notify this when there may be new jobs.
    #[must_use]
    pub fn wake(&self) -> &Arc<Notify> {
        &self.wake
    }

    /// Runs jobs until `stop`; must be called on a [`tokio::task::LocalSet`].
    pub async fn run(self, stop: CancellationToken) {
        let mut state = RunnerState::default();
        let mut poll = interval(self.settings.poll);
        let mut renewal = interval((self.settings.lease / 3).max(Duration::from_millis(1)));
        for ticks in [&mut poll, &mut renewal] {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        let (mut may_have_more, mut stopping) = (true, false);
        let mut deadline = pin!(sleep_until(Instant::now()));
        loop {
            self.start(&mut state);
            // All claimed jobs run: record results and claim more.
            let idle = state.claimed.is_empty();
            let has_room = idle && !stopping && state.running.len() < self.settings.concurrency;
            if (has_room && may_have_more)
                || (idle && !state.done.is_empty())
                || state.done.len() >= self.settings.batch
            {
                match self.settle_and_claim(&mut state, has_room).await {
                    // The jobs that ended may have enqueued others, or made their successors due.
                    Ok(ended) => may_have_more = ended > 0 || !state.claimed.is_empty(),
                    Err(problem) => {
                        tracing::warn!(%problem, "the queue does not answer");
                        sleep(Duration::from_millis(250)).await;
                    }
                }
                continue;
            }
            if stopping && state.running.is_empty() {
                return;
            }
            tokio::select! {
                biased;
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    deadline.as_mut().reset(Instant::now() + self.settings.drain);
                    let waiting = state.claimed.drain(..).map(|job| job.held).collect();
                    self.give_back(waiting).await;
                }
                Some(ended) = state.running.join_next_with_id() => {
                    self.end(&mut state, ended);
                    while let Some(ended) = state.running.try_join_next_with_id() {
                        self.end(&mut state, ended);
                    }
                }
                () = deadline.as_mut(), if stopping => {
                    let unfinished = state.jobs.values().map(|(job, _)| job.held.clone()).collect();
                    state.running.shutdown().await;
                    self.give_back(unfinished).await;
                    return;
                }
                _ = renewal.tick() => self.renew(&mut state).await,
                _ = poll.tick() => may_have_more = true,
                () = self.wake.notified() => may_have_more = true,
            }
        }
    }

    fn start(&self, state: &mut RunnerState) {
        while state.running.len() < self.settings.concurrency {
            let Some(job) = state.claimed.pop_front() else { return };
            let (db, services, program) = (self.db.clone(), self.services.clone(), self.program);
            let own = job.clone();
            // At the highest level, so that no filter removes the span from lines that it lets through.
            let span = tracing::error_span!("job", id = %job.id, kind = job.kind, attempt = job.attempt);
            let work = async move {
                let limit = LIMIT.to_std().unwrap_or(Duration::MAX);
                tokio::time::timeout(limit, attempt(db, services, program, own))
                    .await
                    .unwrap_or_else(|_| Err(Failure::temporary("took longer than any job may")))
            };
            let handle = state.running.spawn_local(work.instrument(span));
            state.jobs.insert(handle.id(), (job, handle));
        }
    }

    // Records the results and claims more jobs; returns how many had ended.
    async fn settle_and_claim(&self, state: &mut RunnerState, wants_more: bool) -> Result<usize, Problem> {
        let claimed = self
            .db
            .platform_tx(SystemActor::Worker, async |tx| {
                tx.jobs_settle(&state.done);
                if wants_more { tx.jobs_claim(self.claim()).await } else { Ok(Vec::new()) }
            })
            .await?;
        let ended = state.done.len();
        state.done.clear();
        state.claimed.extend(claimed);
        Ok(ended)
    }

    fn claim(&self) -> Claim {
        let tasks = self.program.tasks.iter().map(|task| task.kind);
        Claim {
            queue: self.settings.queue.clone(),
            // Kinds that this worker does not know are left to a worker that does.
            kinds: tasks.chain([message::KIND, schedule::KIND]).map(str::to_owned).collect(),
            token: uuid_at(self.db.clock().now()).simple().to_string(),
            until: self.lease_end(),
            most: i64::try_from(self.settings.batch).unwrap_or(50),
        }
    }

    fn end(&self, state: &mut RunnerState, ended: Result<(Id, Result<(), Failure>), JoinError>) {
        let (id, outcome) = match ended {
            Ok((id, outcome)) => (id, outcome),
            // The lease was lost: another worker has the job now.
            Err(error) if error.is_cancelled() => {
                state.jobs.remove(&error.id());
                return;
            }
            Err(error) => (error.id(), Err(Failure::temporary(format!("panicked: {}", panic_text(error))))),
        };
        let Some((job, _)) = state.jobs.remove(&id) else { return };
        let now = self.db.clock().now();
        let (done, label) = match outcome {
            Ok(()) => (Done::Success { held: job.held }, "done"),
            Err(failure) => {
                let is_dead = failure.is_permanent || job.is_last_attempt();
                log(&job, &failure, is_dead);
                (self.failed(&job, failure, is_dead, now), if is_dead { "dead" } else { "failed" })
            }
        };
        metrics::counter!("tryzore_jobs_total", "kind" => job.kind.clone(), "outcome" => label).increment(1);
        state.done.push(done);
    }

    fn failed(&self, job: &Job, failure: Failure, is_dead: bool, now: DateTime<Utc>) -> Done {
        // A new id is random enough to spread the retries of jobs.
        let random = u32::try_from(uuid_at(now).as_u128() & u128::from(u32::MAX)).unwrap_or_default();
        Done::Failure {
            held: job.held.clone(),
            reason: failure.reason,
            run_at: now + self.settings.backoff.wait(job.attempt, random),
            dead_at: is_dead.then_some(now),
        }
    }

    async fn renew(&self, state: &mut RunnerState) {
        let held: Vec<_> = state
            .claimed
            .iter()
            .chain(state.jobs.values().map(|(job, _)| job))
            .map(|job| job.held.clone())
            .collect();
        let renewed = self
            .db
            .platform_tx(SystemActor::Worker, async |tx| tx.jobs_renew(held, self.lease_end()).await)
            .await;
        match renewed {
            Ok(ours) => {
                state.claimed.retain(|job| ours.contains(&job.held));
                state
                    .jobs
                    .values()
                    .filter(|(job, _)| !ours.contains(&job.held))
                    .for_each(|(_, task)| task.abort());
            }
            Err(problem) => tracing::warn!(%problem, "leases could not be renewed"),
        }
    }

    async fn give_back(&self, jobs: Vec<Held>) {
        if jobs.is_empty() {
            return;
        }
        let given = self.db.platform_tx(SystemActor::Worker, async |tx| {
            tx.jobs_give_back(jobs);
            Ok::<_, Problem>(())
        });
        if let Err(problem) = given.await {
            tracing::warn!(%problem, "jobs could not be given back; their leases will end");
        }
    }

    fn lease_end(&self) -> DateTime<Utc> {
        self.db.clock().now() + TimeDelta::from_std(self.settings.lease).unwrap_or(LIMIT)
    }
}

async fn attempt<S: Clone>(db: Db, services: S, program: &Program<S>, job: Job) -> Result<(), Failure> {
    match job.kind.as_str() {
        message::KIND => message::deliver(&db, &services, program, &job).await,
        schedule::KIND => schedule::run(&db, services, program, &job).await,
        kind => match program.tasks.iter().find(|task| task.kind == kind) {
            Some(task) => (task.run)(services, job).await,
            None => Err(Failure::temporary(format!("no task `{kind}` here"))),
        },
    }
}

fn log(job: &Job, failure: &Failure, is_dead: bool) {
    let (id, kind, attempt, reason) = (job.id, &job.kind, job.attempt, &failure.reason);
    match is_dead {
        true => tracing::error!(%id, kind, attempt, reason, "a job was given up"),
        false => tracing::warn!(%id, kind, attempt, reason, "a job failed and will be tried again"),
    }
}

fn panic_text(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default(),
        Err(error) => error.to_string(),
    }
}
