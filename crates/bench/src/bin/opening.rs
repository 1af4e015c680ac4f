//! The booking of a popular class opens: 1,000 clients ask for its 100 spots at once, while a neighbour books
//! other classes at another tenant.
//!
//! Every answer must be 201 or 409, exactly 100 of them 201; the 99th percentile is at most three seconds; and
//! the median of the neighbour's bookings is at most twice that of quiet times. Each round has new clients, so
//! that the service reads their sessions as well. Server, database and load share the machine; commits are
//! durable.
//!
//! `ours` is answers per second until the last one, `floor` the same of pgbench, which books the spots by a
//! single `UPDATE … WHERE spots_booked < spots_total RETURNING`: it knows no clients, stores no bookings and
//! explains nothing. Each is the median of its rounds, `ratio` the median of ours to the floor in each round;
//! `p50_ms` and `p99_ms` are of all the answers.

use anyhow::ensure;
use std::{collections::BTreeMap, net::SocketAddr, time::Duration as Span};
use tokio::time::{Instant, sleep};
use tryzore_app_api::routes::routes;
use tryzore_bench::{
    crowd::Crowd,
    floor,
    latency::Latencies,
    load::{self, Answered},
};
use tryzore_kernel::EventId;
use tryzore_postgres::{DatabaseConfig, Db};
use tryzore_testkit::{Service, TestTenant, http::Api};

const CLIENTS: usize = 1_000;
const SPOTS: i32 = 100;
const ROUNDS: usize = 5;
const SLOWEST_MS: f64 = 3_000.0;
const NEIGHBOUR_RATIO: f64 = 2.0;
// How long the neighbour books alone before each round, and how long they pause between two bookings.
const QUIET: Span = Span::from_millis(1_500);
const PAUSE: Span = Span::from_millis(10);

/// A client who books one class after the other at another tenant.
struct Neighbour {
    server: SocketAddr,
    requests: std::vec::IntoIter<String>,
}

impl Neighbour {
    async fn book_until(&mut self, is_over: impl Fn() -> bool, into: &mut Vec<Span>) -> anyhow::Result<()> {
        while !is_over() {
            let Some(request) = self.requests.next() else { anyhow::bail!("the neighbour has booked all") };
            let sent = Instant::now();
            load::ask(self.server, "HTTP/1.1 201", &request).await?;
            into.push(sent.elapsed());
            sleep(PAUSE).await;
        }
        Ok(())
    }
}

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]
async fn main() -> anyhow::Result<()> {
    let mut studio = TestTenant::open().await;
    let mut config = DatabaseConfig::new(studio.database.url(Service::Api));
    if let Some(connections) = std::env::args().nth(2) {
        config.pool_size = connections.parse()?;
    }
    studio.db = Db::connect(&config, studio.clock.clone())?;
    let api = Api::start_with_sessions(&studio, routes).await;
    let server: SocketAddr = api.url().trim_start_matches("http://").parse()?;
    let elsewhere = TestTenant::open().await;
    let mut neighbour = Neighbour { server, requests: neighbours(&elsewhere).await?.into_iter() };

    // The first round is not measured: connections are opened, and Postgres analyzes the tables.
    let crowd = Crowd::at(&studio).await?;
    let warm = crowd.clients(SPOTS.unsigned_abs() as usize).await?;
    open(&studio, server, &warm).await?;
    neighbour.book_until(after(Span::from_millis(300)), &mut Vec::new()).await?;
    studio.database.owner_client().await.batch_execute("ANALYZE").await?;

    let (mut ours, mut floors, mut answers) = (vec![], vec![], vec![]);
    let (mut quiet, mut busy) = (vec![], vec![]);
    for round in 1..=ROUNDS {
        let tokens = crowd.clients(CLIENTS).await?;
        neighbour.book_until(after(QUIET), &mut quiet).await?;
        let burst = tokio::spawn({
            let (class, tokens) = (class(&studio).await, tokens);
            let requests = requests(class, &tokens);
            async move { load::burst(server, requests).await.map(|answered| (class, answered)) }
        });
        neighbour.book_until(|| burst.is_finished(), &mut busy).await?;
        let (class, answered) = burst.await??;
        let last = answered.iter().map(|one| one.after).max().unwrap_or_default();
        check(&studio, class, &answered).await?;
        let per_second = floor::spots(&studio, self::class(&studio).await, CLIENTS)?;
        #[allow(clippy::cast_precision_loss, reason = "a thousand")]
        let fast = CLIENTS as f64 / last.as_secs_f64();
        println!("round {round}: all answered after {last:.2?}, {fast:.0} a second, floor {per_second:.0}");
        ours.push(fast);
        floors.push(per_second);
        answers.extend(answered.into_iter().map(|one| one.after));
    }
    api.stop().await;

    let (quiet, busy, answers) = (Latencies::of(quiet), Latencies::of(busy), Latencies::of(answers));
    let [alone, background] = [quiet.percentile(0.50), busy.percentile(0.50)];
    println!(
        "neighbour: p50 {alone:.2} ms alone, {background:.2} ms background the crowd, {:.2} times; p99 {:.2} and {:.2} ms",
        background / alone,
        quiet.percentile(0.99),
        busy.percentile(0.99),
    );
    let ratios = ours.iter().zip(&floors).map(|(ours, floor)| ours / floor).collect();
    let (p50, p99) = (answers.percentile(0.50), answers.percentile(0.99));
    ensure!(p99 <= SLOWEST_MS, "p99 is {p99:.0} ms, more than {SLOWEST_MS:.0}");
    ensure!(
        background <= alone * NEIGHBOUR_RATIO,
        "the neighbour waits more than {NEIGHBOUR_RATIO} times as long"
    );
    println!(
        "bench=opening ours={:.0} floor={:.0} ratio={:.3} p50_ms={p50:.2} p99_ms={p99:.2}",
        median(ours),
        median(floors),
        median(ratios),
    );
    Ok(())
}

fn after(span: Span) -> impl Fn() -> bool {
    let until = Instant::now() + span;
    move || Instant::now() >= until
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

async fn class(studio: &TestTenant) -> EventId {
    studio.class(studio.main, SPOTS, chrono::Duration::hours(5)).await
}

fn requests(class: EventId, tokens: &[String]) -> Vec<String> {
    let request = |token: &String| {
        format!(
            "POST /api/v1/events/{class}/book HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
             Idempotency-Key: {class}\r\nContent-Length: 0\r\n\r\n"
        )
    };
    tokens.iter().map(request).collect()
}

/// Lets all of `tokens` book a class of their own.
async fn open(studio: &TestTenant, server: SocketAddr, tokens: &[String]) -> anyhow::Result<()> {
    let class = class(studio).await;
    let answered = load::burst(server, requests(class, tokens)).await?;
    check(studio, class, &answered).await
}

/// Checks that each answer is as expected, and that the answered bookings are stored.
async fn check(studio: &TestTenant, class: EventId, answered: &[Answered]) -> anyhow::Result<()> {
    let mut by_status = BTreeMap::<u16, usize>::new();
    for one in answered {
        *by_status.entry(one.status).or_default() += 1;
    }
    let spots = SPOTS.unsigned_abs() as usize;
    let refused = answered.len() - spots;
    let expected = [(201, spots), (409, refused)].into_iter().filter(|(_, count)| *count > 0).collect();
    ensure!(by_status == expected, "expected {expected:?} answers by status, got {by_status:?}");
    let kept = format!(
        "SELECT count(*) FROM events.bookings WHERE event_id = '{}' AND status = 'booked'",
        class.uuid()
    );
    let kept = studio.count(&kept).await;
    ensure!(kept == i64::from(SPOTS), "{kept} bookings are kept");
    Ok(())
}

/// The requests of the neighbour: each of its clients books each of its classes once.
async fn neighbours(elsewhere: &TestTenant) -> anyhow::Result<Vec<String>> {
    let tokens = Crowd::at(elsewhere).await?.clients(60).await?;
    let mut all = Vec::new();
    for _ in 0..60 {
        all.extend(requests(class(elsewhere).await, &tokens));
    }
    Ok(all)
}
