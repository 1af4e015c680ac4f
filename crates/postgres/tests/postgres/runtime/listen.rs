//! Notifications: after the commit, between processes, also after the connection broke.

use super::queue_test::{PROGRAM, TestQueue, eventually};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use tryzore_kernel::uuid_at;
use tryzore_postgres::{
    DatabaseConfig,
    runtime::{
        Dispatcher, Listener, announce,
        listen::{OUTBOX, Wire},
        outbox::STREAM,
    },
};
use tryzore_testkit::Service;

fn config(queue_test: &TestQueue, service: Service) -> DatabaseConfig {
    DatabaseConfig::new(queue_test.studio.database.url(service))
}

#[tokio::test]
async fn a_commit_that_published_wakes_who_listens_and_a_burst_wakes_seldom() {
    let queue_test = TestQueue::open().await;
    let announcer = announce(&queue_test.studio.db, &config(&queue_test, Service::Api)).unwrap();
    let listener = Listener::start(&config(&queue_test, Service::Work), &[OUTBOX]).unwrap();
    let mut heard = listener.on(OUTBOX);
    heard.wait_for(|heard| heard.count == 1).await.unwrap();
    for n in 0..50 {
        queue_test.publish(uuid_at(queue_test.now()), json!({"n": n})).await;
    }
    heard.wait_for(|heard| heard.count > 1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let rings = heard.borrow().count - 1;
    assert!((1..50).contains(&rings), "{rings}");
    announcer.abort();
}

#[tokio::test]
async fn a_dispatcher_is_woken_and_tells_how_far_the_event_log_goes() {
    let queue_test = TestQueue::open().await;
    let announcer = announce(&queue_test.studio.db, &config(&queue_test, Service::Api)).unwrap();
    let listener = Listener::start(&config(&queue_test, Service::Work), &[OUTBOX, STREAM]).unwrap();
    let (mut stream, stop, runner) = (listener.on(STREAM), CancellationToken::new(), Arc::default());
    listener.on(OUTBOX).wait_for(|heard| heard.count == 1).await.unwrap();
    let wire = Wire::new(&config(&queue_test, Service::Work)).unwrap();
    let dispatcher = Dispatcher::new(queue_test.work.clone(), &PROGRAM, wire, Arc::clone(&runner));
    let task = tokio::spawn(dispatcher.run(listener.on(OUTBOX), stop.clone()));
    for n in 1..=3 {
        queue_test.publish(uuid_at(queue_test.now()), json!({"n": n})).await;
        let payload = format!("{n};{}", queue_test.studio.tenant);
        let told = stream.wait_for(|heard| heard.payload == payload);
        tokio::time::timeout(Duration::from_secs(10), told).await.unwrap().unwrap();
    }
    tokio::time::timeout(Duration::from_secs(1), runner.notified()).await.unwrap();
    stop.cancel();
    task.await.unwrap();
    announcer.abort();
}

#[tokio::test]
async fn a_listener_reconnects_and_polls_because_notifications_may_have_been_missed() {
    let queue_test = TestQueue::open().await;
    let listener = Listener::start(&config(&queue_test, Service::Work), &[STREAM]).unwrap();
    let mut heard = listener.on(STREAM);
    heard.wait_for(|heard| heard.count == 1).await.unwrap();
    for round in 2..4 {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()";
        assert_eq!(queue_test.owner.query(cut, &[]).await.unwrap().len(), 1);
        heard.wait_for(|heard| heard.count == round).await.unwrap();
    }
    let mut wire = Wire::new(&config(&queue_test, Service::Work)).unwrap();
    wire.notify(STREAM, "it's 7").await;
    heard.wait_for(|heard| heard.payload == "it's 7").await.unwrap();
}

#[tokio::test]
async fn a_broken_wire_reconnects() {
    let queue_test = TestQueue::open().await;
    let listener = Listener::start(&config(&queue_test, Service::Work), &[STREAM]).unwrap();
    let mut heard = listener.on(STREAM);
    heard.wait_for(|heard| heard.count == 1).await.unwrap();
    let mut wire = Wire::new(&config(&queue_test, Service::Work)).unwrap();
    for n in ["1", "2"] {
        wire.notify(STREAM, n).await;
        heard.wait_for(|heard| heard.payload == n).await.unwrap();
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND query LIKE 'NOTIFY%' AND pid <> pg_backend_pid()";
        assert_eq!(queue_test.owner.query(cut, &[]).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_event_without_a_notification_is_found_by_polling() {
    let queue_test = TestQueue::open().await;
    let wire = Wire::new(&config(&queue_test, Service::Work)).unwrap();
    let (silent, outbox_signal) = tokio::sync::watch::channel(Default::default());
    let stop = CancellationToken::new();
    let dispatcher = Dispatcher::new(queue_test.work.clone(), &PROGRAM, wire, Arc::default());
    let task = tokio::spawn(dispatcher.run(outbox_signal, stop.clone()));
    queue_test.publish(uuid_at(queue_test.now()), json!({"n": 1})).await;
    eventually(async || queue_test.jobs_left().await == 2).await;
    stop.cancel();
    task.await.unwrap();
    drop(silent);
}
