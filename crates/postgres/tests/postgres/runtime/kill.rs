//! A worker that is killed at any moment loses nothing and does nothing twice.

use super::queue_test::publish;
use chrono::TimeDelta;
use futures::FutureExt;
use serde_json::json;
use std::{
    process::{Child, Command},
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;
use tryzore_kernel::{AuditEntry, Journal, SystemClock, uuid_at};
use tryzore_postgres::{
    DatabaseConfig, Db, TenantTx,
    runtime::{
        Backoff, Dispatcher, Failure, Follow, Listener, Message, Program, Runner, RunnerSettings,
        Subscription,
        listen::{OUTBOX, Wire},
    },
};
use tryzore_rbac::SystemActor;
use tryzore_testkit::{Database, Service, TestTenant};

const URL: &str = "RUNTIME_TEST_WORKER_URL";
const EVENTS: usize = 600;
const AGGREGATES: usize = 40;
const KILLS: usize = 12;

static PROGRAM: LazyLock<Program<()>> = LazyLock::new(|| Program {
    tasks: &[],
    subscriptions: vec![
        Subscription {
            name: "a",
            kinds: &["test.happened"],
            actor: SystemActor::Worker,
            follow: Follow::InTenant(Box::new(|(), message, tx| note("test.a", message, tx).boxed_local())),
        },
        Subscription {
            name: "b",
            kinds: &["test.*"],
            actor: SystemActor::Worker,
            follow: Follow::InTenant(Box::new(|(), message, tx| note("test.b", message, tx).boxed_local())),
        },
    ],
    schedules: &[],
});

// The effect, and some time in which to be killed on both sides of it.
async fn note(action: &'static str, message: &Message, tx: &mut TenantTx) -> Result<(), Failure> {
    tokio::time::sleep(Duration::from_millis(1)).await;
    let details = json!({"n": message.payload["n"], "of": message.aggregate});
    tx.audit_append(AuditEntry {
        action,
        target: message.id.uuid(),
        subject: None,
        organizations: Vec::new(),
        details,
    });
    tokio::time::sleep(Duration::from_millis(2)).await;
    Ok(())
}

/// Not a test by itself: what the other one starts, kills and starts again.
#[tokio::test]
async fn worker_process() {
    let Ok(url) = std::env::var(URL) else { return };
    let config = DatabaseConfig::new(url);
    let db = Db::connect(&config, Arc::new(SystemClock)).unwrap();
    let settings = RunnerSettings {
        lease: Duration::from_millis(400),
        backoff: Backoff { base: TimeDelta::milliseconds(10), cap: TimeDelta::milliseconds(50) },
        ..RunnerSettings::default()
    };
    let listener = Listener::start(&config, &[OUTBOX]).unwrap();
    let runner = Runner::new(db.clone(), (), &PROGRAM, settings);
    let wire = Wire::new(&config).unwrap();
    let dispatcher = Dispatcher::new(db, &PROGRAM, wire, runner.wake().clone());
    let forever = CancellationToken::new();
    LocalSet::new()
        .run_until(async {
            futures::join!(dispatcher.run(listener.on(OUTBOX), forever.clone()), runner.run(forever.clone()));
        })
        .await;
}

fn start(url: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["runtime::kill::worker_process", "--exact", "--nocapture"]).env(URL, url);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    command.spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_loses_nothing_and_doubles_nothing() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let url = studio.database.url(Service::Work);
    let work = studio.database.client(Service::Work).await;
    let left = async || -> i64 {
        let query = "SELECT (SELECT count(*) FROM runtime.jobs) + (SELECT count(*) FROM runtime.outbox WHERE position IS NULL)";
        work.query_one(query, &[]).await.unwrap().get(0)
    };
    let (db, tenant) = (studio.db.clone(), studio.tenant);
    let publishing = tokio::spawn(async move {
        let aggregates: Vec<_> = (0..AGGREGATES).map(|_| uuid_at(chrono::DateTime::UNIX_EPOCH)).collect();
        for n in 0..EVENTS {
            publish(&db, tenant, aggregates[n % AGGREGATES], json!({"n": n}), chrono::DateTime::UNIX_EPOCH)
                .await;
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    });
    let mut workers = [start(&url), start(&url)];
    let (mut kills, mut under_load) = (0, 0);
    while kills < KILLS {
        tokio::time::sleep(Duration::from_millis(90 + 37 * (kills as u64 % 5))).await;
        under_load += usize::from(left().await > 0);
        let worker = &mut workers[kills % 2];
        worker.kill().unwrap();
        worker.wait().unwrap();
        *worker = start(&url);
        kills += 1;
    }
    publishing.await.unwrap();
    let settled = tokio::time::timeout(Duration::from_secs(60), async {
        while left().await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let settled = settled.await;
    for worker in &mut workers {
        worker.kill().unwrap();
        worker.wait().unwrap();
    }
    assert!(settled.is_ok(), "{} left", left().await);
    assert!(under_load > KILLS / 2, "killed under load {under_load} times");

    let expected = i64::try_from(2 * EVENTS).unwrap();
    assert_eq!(
        studio.count("SELECT count(*) FROM governance.audit_log").await,
        expected,
        "nothing lost, nothing doubled"
    );
    assert_eq!(
        studio.count("SELECT count(DISTINCT (action, target_id)) FROM governance.audit_log").await,
        expected
    );
    let disorder = "SELECT count(*) FROM (
        SELECT (details->>'n')::bigint < lag((details->>'n')::bigint) OVER (PARTITION BY action, details->>'of' ORDER BY seq) AS wrong
        FROM governance.audit_log) t WHERE wrong";
    assert_eq!(studio.count(disorder).await, 0, "each aggregate in order");
}
