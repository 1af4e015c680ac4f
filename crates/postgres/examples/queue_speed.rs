//! How fast the queue is on this machine: from enqueuing to running, and a burst. Needs a database
//! like the tests.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that speaks to whoever runs it")]

use futures::FutureExt;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;
use tryzore_kernel::{Problem, SystemClock, uuid_at};
use tryzore_postgres::runtime::Enqueue;
use tryzore_postgres::{
    DatabaseConfig,
    runtime::{
        Dispatcher, Listener, NewJob, Program, Runner, RunnerSettings, Task, announce,
        listen::{OUTBOX, Wire},
    },
};
use tryzore_rbac::{Permit, SystemActor, catalogue::BookEvent};
use tryzore_testkit::{Database, Service, TestTenant};

type Ends = Arc<Mutex<Vec<Instant>>>;

static PROGRAM: Program<Ends> = Program {
    tasks: &[Task {
        kind: "nothing",
        run: |ends, _| {
            async move {
                ends.lock().unwrap().push(Instant::now());
                Ok(())
            }
            .boxed_local()
        },
    }],
    subscriptions: Vec::new(),
    schedules: &[],
};

#[tokio::main]
async fn main() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let config = DatabaseConfig::new(studio.database.url(Service::Work));
    let api = studio.database.as_service(Service::Api, Arc::new(SystemClock));
    let work = studio.database.as_service(Service::Work, Arc::new(SystemClock));
    let (ends, stop) = (Ends::default(), CancellationToken::new());
    let listener = Listener::start(&config, &[OUTBOX]).unwrap();
    let announcer = announce(&api, &DatabaseConfig::new(studio.database.url(Service::Api))).unwrap();
    let runner = Runner::new(work.clone(), ends.clone(), &PROGRAM, RunnerSettings::default());
    let dispatcher = Dispatcher::new(work, &PROGRAM, Wire::new(&config).unwrap(), runner.wake().clone());
    tokio::spawn(dispatcher.run(listener.on(OUTBOX), stop.clone()));
    let permit = Permit::<BookEvent>::system(studio.tenant, SystemActor::Seed);
    let enqueue = async |jobs: usize| {
        let work = async |tx: &mut tryzore_postgres::TenantTx| {
            for _ in 0..jobs {
                tx.job_enqueue(NewJob::new("nothing", &uuid_at(chrono::DateTime::UNIX_EPOCH)));
            }
            Ok::<_, Problem>(())
        };
        api.tenant_tx(&permit, work).await.unwrap();
    };
    let wait_for = async |count: usize| {
        while ends.lock().unwrap().len() < count {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    };
    let local = LocalSet::new();
    let running = local.spawn_local(runner.run(stop.clone()));
    local
        .run_until(async {
            let mut waits = Vec::new();
            for n in 1..=200 {
                enqueue(1).await;
                let committed = Instant::now();
                wait_for(n).await;
                waits.push(ends.lock().unwrap()[n - 1].saturating_duration_since(committed));
                // Longer than the announcer's pause, as between the requests of a quiet service.
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            waits.sort();
            println!("commit to run: p50 {:?}, p98 {:?}", waits[100], waits[196]);
            let start = Instant::now();
            enqueue(2_000).await;
            println!("enqueue 2000 in one transaction: {:?}", start.elapsed());
            let start = Instant::now();
            wait_for(2_200).await;
            println!("drain the rest of 2000: {:?}", start.elapsed());
            stop.cancel();
            running.await.unwrap();
        })
        .await;
    announcer.abort();
}
