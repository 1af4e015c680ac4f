//! The booking of a popular class opens, and everyone books in the same second.

use chrono::Duration as Span;
use futures::future::join_all;
use reqwest::{Client, StatusCode};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tryzore_app_api::routes::routes;
use tryzore_kernel::EventId;
use tryzore_postgres::{DatabaseConfig, Db};
use tryzore_testkit::{Database, Service, TestTenant, http::Api};

const PATIENCE: Duration = Duration::from_secs(30);
const CLIENTS: usize = 200;
const SPOTS: i32 = 20;

/// With as few connections as a service may have: two for each of its two threads.
async fn studio(pool_wait_ms: u64) -> TestTenant {
    let mut studio = TestTenant::open_in(Database::own().await).await;
    let url = studio.database.url(Service::Api);
    let config = DatabaseConfig { pool_size: 4, pool_wait_ms, ..DatabaseConfig::new(url) };
    studio.db = Db::connect(&config, studio.clock.clone()).unwrap();
    studio
}

async fn clients(studio: &TestTenant, api: &Api, count: usize) -> Vec<String> {
    let mut tokens = Vec::new();
    for _ in 0..count {
        tokens.push(api.admit(studio.as_client(studio.member(studio.main).await, studio.main)));
    }
    tokens
}

async fn book(http: &Client, api: &Api, class: EventId, token: &str) -> StatusCode {
    let url = format!("{}/api/v1/events/{class}/book", api.url());
    http.post(url).bearer_auth(token).header("Idempotency-Key", "k").send().await.unwrap().status()
}

/// Waits until `count` statements in the studio's database wait for a lock; how many do then.
async fn waiting(studio: &TestTenant, count: i64) -> i64 {
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity a USING (pid)
                   WHERE NOT granted AND a.datname = current_database()";
    let waits = async {
        loop {
            match studio.count(waiting).await {
                few if few < count => sleep(Duration::from_millis(10)).await,
                enough => return enough,
            }
        }
    };
    timeout(PATIENCE, waits).await.expect("nobody waits")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_two_hundred_at_once_is_answered_and_nobody_else_is_held_up() {
    let studio = studio(30_000).await;
    let hot = studio.class(studio.main, SPOTS, Span::hours(5)).await;
    let other = studio.class(studio.main, SPOTS, Span::hours(6)).await;
    let (api, http) = (Api::start(&studio, routes), Client::new());
    let tokens = clients(&studio, &api, CLIENTS).await;
    let neighbour = clients(&studio, &api, 1).await.remove(0);

    // Someone else has the class's lock, as the slowest of transactions would.
    let holder = studio.database.client(Service::Api).await;
    holder.batch_execute(&format!("SET app.tenant_id = '{}'; BEGIN", studio.tenant.uuid())).await.unwrap();
    holder.execute("SELECT FROM events.events WHERE id = $1 FOR UPDATE", &[&hot.uuid()]).await.unwrap();

    let burst = join_all(tokens.iter().map(|token| book(&http, &api, hot, token)));
    let meanwhile = async {
        assert_eq!(waiting(&studio, 1).await, 1, "one at a time has a connection");
        let background = timeout(PATIENCE, book(&http, &api, other, &neighbour)).await;
        assert_eq!(background.expect("a neighbour is held up"), 201);
        assert_eq!(waiting(&studio, 1).await, 1);
        holder.batch_execute("COMMIT").await.unwrap();
    };
    let (answers, ()) = tokio::join!(burst, meanwhile);

    let of = |status: u16| answers.iter().filter(|answer| answer.as_u16() == status).count();
    assert_eq!((of(201), of(409)), (20, CLIENTS - 20), "{answers:?}");
    let booked = studio.count("SELECT count(*) FROM events.bookings WHERE status = 'booked'").await;
    assert_eq!(booked, i64::from(SPOTS) + 1);
    // Refusals are explained, in a crowd as well.
    let explained = "SELECT count(*) FROM runtime.decisions WHERE code = 'events.book.full'";
    assert_eq!(studio.count(explained).await, 180);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_would_wait_too_long_for_a_turn_is_told_when_to_come_back() {
    let studio = studio(300).await;
    let hot = studio.class(studio.main, SPOTS, Span::hours(5)).await;
    let (api, http) = (Api::start(&studio, routes), Client::new());
    let tokens = clients(&studio, &api, 2).await;
    let holder = studio.database.client(Service::Api).await;
    holder.batch_execute(&format!("SET app.tenant_id = '{}'; BEGIN", studio.tenant.uuid())).await.unwrap();
    holder.execute("SELECT FROM events.events WHERE id = $1 FOR UPDATE", &[&hot.uuid()]).await.unwrap();

    let first = book(&http, &api, hot, &tokens[0]);
    let second = async {
        waiting(&studio, 1).await;
        let url = format!("{}/api/v1/events/{hot}/book", api.url());
        let refused = http.post(url).bearer_auth(&tokens[1]).send().await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["retry-after"]),
            (503, &"1".parse().unwrap())
        );
        holder.batch_execute("COMMIT").await.unwrap();
    };
    let (first, ()) = tokio::join!(first, second);
    assert_eq!(first, 201);
    api.stop().await;
}
