//! The runner: claims jobs, runs them side by side, and says how they ended.
//!
//! It takes up to fifty jobs at once and runs as many at a time as it was told to. What succeeded
//! is deleted in bulk, in the same transaction that claims the next: a burst costs two round trips a
//! batch. When it is told to stop it gives back what it has not begun, finishes what it has, and
//! gives back what does not finish in time.
//!
//! A future that blocks would hold up all others of its runner, so tasks wait for the database and
//! the network and compute little. They run on a [`tokio::task::LocalSet`].

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

/// How a runner works.
#[derive(Debug, Clone)]
pub struct RunnerSettings {
    /// Which queue it serves.
    pub queue: String,
    /// How many jobs it runs at a time. Most of them need a database connection.
    pub concurrency: usize,
    /// How many jobs it claims at once.
    pub batch: usize,
    /// How long a claim holds unless it is renewed, which it is three times as often.
    pub lease: Duration,
    /// How often it looks by itself.
    pub poll: Duration,
    /// How long it waits for running jobs when it is told to stop.
    pub drain: Duration,
    /// How long a job waits after it failed.
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

// What a runner has in its hands.
#[derive(Default)]
struct Hands {
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

    /// Tells it that there may be work.
    #[must_use]
    pub fn wake(&self) -> &Arc<Notify> {
        &self.wake
    }

    /// Runs jobs until `stop`; must be called on a [`tokio::task::LocalSet`].
    pub async fn run(self, stop: CancellationToken) {
        let mut hands = Hands::default();
        let mut poll = interval(self.settings.poll);
        let mut renewal = interval((self.settings.lease / 3).max(Duration::from_millis(1)));
        for ticks in [&mut poll, &mut renewal] {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        let (mut hungry, mut stopping) = (true, false);
        let mut deadline = pin!(sleep_until(Instant::now()));
        loop {
            self.start(&mut hands);
            // All that was claimed runs: time to say what is done, and to ask for more.
            let idle = hands.claimed.is_empty();
            let has_room = idle && !stopping && hands.running.len() < self.settings.concurrency;
            if (has_room && hungry)
                || (idle && !hands.done.is_empty())
                || hands.done.len() >= self.settings.batch
            {
                match self.turn(&mut hands, has_room).await {
                    // What has just ended may have enqueued something, or let a successor go.
                    Ok(ended) => hungry = ended > 0 || !hands.claimed.is_empty(),
                    Err(problem) => {
                        tracing::warn!(%problem, "the queue does not answer");
                        sleep(Duration::from_millis(250)).await;
                    }
                }
                continue;
            }
            if stopping && hands.running.is_empty() {
                return;
            }
            tokio::select! {
                biased;
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    deadline.as_mut().reset(Instant::now() + self.settings.drain);
                    let waiting = hands.claimed.drain(..).map(|job| job.held).collect();
                    self.give_back(waiting).await;
                }
                Some(ended) = hands.running.join_next_with_id() => {
                    self.end(&mut hands, ended);
                    while let Some(ended) = hands.running.try_join_next_with_id() {
                        self.end(&mut hands, ended);
                    }
                }
                () = deadline.as_mut(), if stopping => {
                    let unfinished = hands.jobs.values().map(|(job, _)| job.held.clone()).collect();
                    hands.running.shutdown().await;
                    self.give_back(unfinished).await;
                    return;
                }
                _ = renewal.tick() => self.renew(&mut hands).await,
                _ = poll.tick() => hungry = true,
                () = self.wake.notified() => hungry = true,
            }
        }
    }

    fn start(&self, hands: &mut Hands) {
        while hands.running.len() < self.settings.concurrency {
            let Some(job) = hands.claimed.pop_front() else { return };
            let (db, services, program) = (self.db.clone(), self.services.clone(), self.program);
            let own = job.clone();
            // Of the highest level, so that no filter takes it away from lines that it lets through.
            let span = tracing::error_span!("job", id = %job.id, kind = job.kind, attempt = job.attempt);
            let work = async move {
                let limit = LIMIT.to_std().unwrap_or(Duration::MAX);
                tokio::time::timeout(limit, attempt(db, services, program, own))
                    .await
                    .unwrap_or_else(|_| Err(Failure::temporary("took longer than any job may")))
            };
            let handle = hands.running.spawn_local(work.instrument(span));
            hands.jobs.insert(handle.id(), (job, handle));
        }
    }

    // Says what has ended and claims more; how many had ended.
    async fn turn(&self, hands: &mut Hands, wants_more: bool) -> Result<usize, Problem> {
        let claimed = self
            .db
            .platform_tx(SystemActor::Worker, async |tx| {
                tx.jobs_settle(&hands.done);
                if wants_more { tx.jobs_claim(self.claim()).await } else { Ok(Vec::new()) }
            })
            .await?;
        let ended = hands.done.len();
        hands.done.clear();
        hands.claimed.extend(claimed);
        Ok(ended)
    }

    fn claim(&self) -> Claim {
        let tasks = self.program.tasks.iter().map(|task| task.kind);
        Claim {
            queue: self.settings.queue.clone(),
            // What this worker does not know yet is left to one that does.
            kinds: tasks.chain([message::KIND, schedule::KIND]).map(str::to_owned).collect(),
            token: uuid_at(self.db.clock().now()).simple().to_string(),
            until: self.lease_end(),
            most: i64::try_from(self.settings.batch).unwrap_or(50),
        }
    }

    fn end(&self, hands: &mut Hands, ended: Result<(Id, Result<(), Failure>), JoinError>) {
        let (id, outcome) = match ended {
            Ok((id, outcome)) => (id, outcome),
            // The lease was lost: it is another worker's now.
            Err(error) if error.is_cancelled() => {
                hands.jobs.remove(&error.id());
                return;
            }
            Err(error) => (error.id(), Err(Failure::temporary(format!("panicked: {}", panic_text(error))))),
        };
        let Some((job, _)) = hands.jobs.remove(&id) else { return };
        let now = self.db.clock().now();
        let (done, word) = match outcome {
            Ok(()) => (Done::Success { held: job.held }, "done"),
            Err(failure) => {
                let is_dead = failure.is_permanent || job.is_last_attempt();
                log(&job, &failure, is_dead);
                (self.failed(&job, failure, is_dead, now), if is_dead { "dead" } else { "failed" })
            }
        };
        metrics::counter!("tryzore_jobs_total", "kind" => job.kind.clone(), "outcome" => word).increment(1);
        hands.done.push(done);
    }

    fn failed(&self, job: &Job, failure: Failure, is_dead: bool, now: DateTime<Utc>) -> Done {
        // A fresh id is random enough to keep jobs from coming back in step.
        let random = u32::try_from(uuid_at(now).as_u128() & u128::from(u32::MAX)).unwrap_or_default();
        Done::Failure {
            held: job.held.clone(),
            reason: failure.reason,
            run_at: now + self.settings.backoff.wait(job.attempt, random),
            dead_at: is_dead.then_some(now),
        }
    }

    async fn renew(&self, hands: &mut Hands) {
        let held: Vec<_> = hands
            .claimed
            .iter()
            .chain(hands.jobs.values().map(|(job, _)| job))
            .map(|job| job.held.clone())
            .collect();
        let renewed = self
            .db
            .platform_tx(SystemActor::Worker, async |tx| tx.jobs_renew(held, self.lease_end()).await)
            .await;
        match renewed {
            Ok(ours) => {
                hands.claimed.retain(|job| ours.contains(&job.held));
                hands
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
