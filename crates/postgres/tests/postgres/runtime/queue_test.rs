//! A tenant in a separate database, and a worker for it.

use chrono::{DateTime, Utc};
use futures::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};
use tokio::{sync::Semaphore, task::LocalSet};
use tokio_util::sync::CancellationToken;
use tryzore_kernel::{Journal, Problem, Published, TenantId};
use tryzore_postgres::runtime::Enqueue;
use tryzore_postgres::{
    Db,
    runtime::{
        Backoff, Cadence, Each, Failure, Follow, NewJob, Program, Runner, RunnerSettings, Schedule,
        Subscription, Task,
    },
};
use tryzore_rbac::{
    Permit, SystemActor,
    catalogue::BookEvent,
    domain_event::{About, Payload},
    domain_events,
};
use tryzore_testkit::{Database, Service, TestTenant};
use uuid::Uuid;

/// The services of the tasks: a log of what they did, and a gate at which they can wait.
#[derive(Clone)]
pub(crate) struct Probe {
    pub(crate) log: Arc<Mutex<Vec<String>>>,
    pub(crate) gate: Arc<Semaphore>,
}

impl Probe {
    fn note(&self, text: impl Into<String>) {
        self.log.lock().unwrap().push(text.into());
    }
}

/// Something that happened.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Happened {
    n: u64,
    #[serde(default)]
    fails: bool,
}

impl Payload for Happened {
    fn about(&self) -> About {
        About::nothing()
    }
}

domain_events! {
    SUBJECT {
        Happened = "test.happened";
    }
}

pub(crate) static PROGRAM: LazyLock<Program<Probe>> = LazyLock::new(|| Program {
    tasks: &[
        Task {
            kind: "note",
            run: |probe, job| {
                async move {
                    probe.note(job.payload::<String>()?);
                    Ok(())
                }
                .boxed_local()
            },
        },
        Task {
            kind: "fail",
            run: |probe, job| {
                async move {
                    probe.note(format!("fail {}", job.attempt));
                    Err(Failure::temporary("not today"))
                }
                .boxed_local()
            },
        },
        Task { kind: "refuse", run: |_, _| async { Err(Failure::permanent("never")) }.boxed_local() },
        Task { kind: "panic", run: |_, _| async { panic!("on fire") }.boxed_local() },
        Task {
            kind: "wait",
            run: |probe, job| {
                async move {
                    let name: String = job.payload()?;
                    probe.note(format!("{name} starts"));
                    probe.gate.acquire().await.unwrap().forget();
                    probe.note(format!("{name} ends"));
                    Ok(())
                }
                .boxed_local()
            },
        },
    ],
    subscriptions: vec![
        Subscription::in_tenant::<Happened>(
            "first",
            SystemActor::Reminder,
            async |probe: &Probe, event, message, tx| {
                probe.note(format!("first {}", event.n));
                let (aggregate, at) = (message.aggregate, message.occurred_at);
                let followed = json!({ "first": event.n });
                tx.event_publish(Published::new("test.followed", aggregate, None, at, &followed));
                if event.fails { Err(Failure::permanent("as told")) } else { Ok(()) }
            },
        ),
        Subscription {
            name: "second",
            kinds: &["test.hap*", "test.global"],
            actor: SystemActor::Reminder,
            follow: Follow::Anywhere(Box::new(|probe: &Probe, message, tx| {
                async move {
                    probe.note(format!("second {}", message.payload["n"]));
                    tx.job_enqueue(NewJob::new("note", &format!("after {}", message.payload["n"])));
                    Ok(())
                }
                .boxed_local()
            })),
        },
    ],
    schedules: const {
        &[
            Schedule {
                name: "each_minute",
                cadence: Cadence::EveryMinute,
                each: Each::Platform,
                run: |probe, run| {
                    async move {
                        probe.note(format!(
                            "{} {} {:?}",
                            run.name,
                            run.due_at.format("%H:%M"),
                            run.since.map(|s| s.format("%H:%M").to_string())
                        ));
                        Ok(json!({"did": 1}))
                    }
                    .boxed_local()
                },
            },
            Schedule {
                name: "nightly",
                cadence: Cadence::Daily(chrono::NaiveTime::from_hms_opt(2, 30, 0).unwrap()),
                each: Each::Organization,
                run: |probe, run| {
                    async move {
                        probe.note(format!("nightly {}", run.due_at.format("%d %H:%M")));
                        Ok(Value::Null)
                    }
                    .boxed_local()
                },
            },
        ]
    },
});

/// A tenant, and its worker's side.
pub(crate) struct TestQueue {
    pub(crate) studio: TestTenant,
    pub(crate) work: Db,
    pub(crate) probe: Probe,
    pub(crate) owner: tokio_postgres::Client,
}

impl TestQueue {
    pub(crate) async fn open() -> Self {
        let studio = TestTenant::open_in(Database::own().await).await;
        let work = studio.database.as_service(Service::Work, studio.clock.clone());
        let owner = studio.database.client(Service::Work).await;
        let probe = Probe { log: Arc::default(), gate: Arc::new(Semaphore::new(0)) };
        Self { studio, work, probe, owner }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.studio.now()
    }

    pub(crate) fn settings() -> RunnerSettings {
        RunnerSettings {
            poll: Duration::from_millis(10),
            lease: Duration::from_secs(60),
            drain: Duration::from_millis(200),
            backoff: Backoff { base: chrono::TimeDelta::zero(), cap: chrono::TimeDelta::zero() },
            ..RunnerSettings::default()
        }
    }

    pub(crate) async fn enqueue(&self, jobs: impl IntoIterator<Item = NewJob>) {
        enqueue(&self.studio.db, self.studio.tenant, jobs).await;
    }

    pub(crate) async fn publish(&self, aggregate: Uuid, payload: Value) {
        publish(&self.studio.db, self.studio.tenant, aggregate, payload, self.now()).await;
    }

    /// A number, as the worker sees it.
    pub(crate) async fn count(&self, query: &str) -> i64 {
        self.owner.query_one(query, &[]).await.unwrap().get(0)
    }

    pub(crate) async fn jobs_left(&self) -> i64 {
        self.count("SELECT count(*) FROM runtime.jobs WHERE dead_at IS NULL").await
    }

    /// Runs `runners` runners until `until` is true, then stops them.
    pub(crate) async fn run_with(
        &self,
        runners: usize,
        settings: RunnerSettings,
        until: impl AsyncFnMut() -> bool,
    ) {
        let local = LocalSet::new();
        let stop = CancellationToken::new();
        let tasks: Vec<_> = (0..runners)
            .map(|_| {
                let runner = Runner::new(self.work.clone(), self.probe.clone(), &PROGRAM, settings.clone());
                local.spawn_local(runner.run(stop.clone()))
            })
            .collect();
        local
            .run_until(async {
                eventually(until).await;
                stop.cancel();
                for task in tasks {
                    task.await.unwrap();
                }
            })
            .await;
    }

    /// Runs a runner until no job is left.
    pub(crate) async fn drain(&self) {
        self.run_with(1, Self::settings(), async || self.jobs_left().await == 0).await;
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.probe.log.lock().unwrap().clone()
    }
}

pub(crate) async fn enqueue(db: &Db, tenant: TenantId, jobs: impl IntoIterator<Item = NewJob>) {
    let permit = Permit::<BookEvent>::system(tenant, SystemActor::Seed);
    let jobs: Vec<_> = jobs.into_iter().collect();
    db.tenant_tx(&permit, async |tx| {
        for job in jobs {
            tx.job_enqueue(job);
        }
        Ok::<_, Problem>(())
    })
    .await
    .unwrap();
}

pub(crate) async fn publish(db: &Db, tenant: TenantId, aggregate: Uuid, payload: Value, now: DateTime<Utc>) {
    let permit = Permit::<BookEvent>::system(tenant, SystemActor::Seed);
    db.tenant_tx(&permit, async |tx| {
        tx.event_publish(Published::new("test.happened", aggregate, None, now, &payload));
        Ok::<_, Problem>(())
    })
    .await
    .unwrap();
}

/// Waits until `holds`, for at most twenty seconds.
pub(crate) async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    });
    waited.await.expect("it never became true");
}

pub(crate) fn note(text: &str) -> NewJob {
    NewJob::new("note", &text)
}
