//! The program is told to stop (SIGTERM), as it is at each deployment.

use crate::kill::members;
use chrono::Duration as Span;
use reqwest::{Client, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tryzore_kernel::{Clock, SystemClock};
use tryzore_testkit::{Database, Process, Service, TestTenant};

const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a stream to its end: whether it was ended, and not broken off.
async fn is_ended(mut stream: Response) -> bool {
    loop {
        match stream.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// Waits until a statement in the studio's database waits for a lock.
async fn waits(studio: &TestTenant) {
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity a USING (pid)
                   WHERE NOT granted AND a.datname = current_database()";
    while studio.sql.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until nobody answers at `url`.
async fn is_gone(url: &str) {
    while reqwest::get(url).await.is_ok() {
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_ends_its_streams_answers_what_is_under_way_and_ends_well() {
    let studio = TestTenant::open_in(Database::own().await).await;
    studio.clock.set(SystemClock.now());
    let class = studio.class(studio.main, 8, Span::days(1)).await;
    let token = members(&studio, 1).await.remove(0);
    // Longer than this test waits: what ends has come to its end, and was not cut off.
    let patient = [("TRYZORE__HTTP__DRAIN_SECONDS", "600")];
    let mut api =
        Process::start(env!("CARGO_BIN_EXE_tryzore-app-api"), &studio.database, Service::Api, &patient);
    api.ready().await;
    let stream = Client::new().get(format!("{}/api/v1/stream", api.url())).bearer_auth(&token);
    let stream = stream.send().await.unwrap();
    assert_eq!(
        (stream.status(), &stream.headers()["content-type"]),
        (200.try_into().unwrap(), &"text/event-stream".parse().unwrap())
    );

    let desk = studio.database.client(Service::Api).await;
    desk.batch_execute(&format!("SET app.tenant_id = '{}'; BEGIN", studio.tenant.uuid())).await.unwrap();
    desk.execute("SELECT FROM events.events WHERE id = $1 FOR UPDATE", &[&class.uuid()]).await.unwrap();
    let booking = Client::new().post(format!("{}/api/v1/events/{class}/book", api.url())).bearer_auth(&token);
    let booking = tokio::spawn(booking.header("Idempotency-Key", "book").send());
    timeout(PATIENCE, waits(&studio)).await.expect("the booking is under way");

    api.tell_to_stop();
    assert!(timeout(PATIENCE, is_ended(stream)).await.expect("the stream ends"), "and is not broken off");
    timeout(PATIENCE, is_gone(&format!("{}/health/live", api.url()))).await.expect("nobody new comes in");
    assert!(api.id().is_some() && !booking.is_finished(), "who came before is waited for");
    desk.batch_execute("COMMIT").await.unwrap();
    let answer = timeout(PATIENCE, booking).await.expect("an answer").unwrap().unwrap();
    assert_eq!(answer.status(), 201);
    let id = answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let ended = api.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended}");
    let kept = "SELECT 'bkg_' || replace(id::text, '-', '') FROM events.bookings";
    assert_eq!(studio.sql.query_one(kept, &[]).await.unwrap().get::<_, String>(0), id);
}
