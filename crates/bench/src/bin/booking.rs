//! Booking a class over HTTP, compared with the same transaction written for pgbench as eight prepared
//! statements: begin, set tenant, lock class, read the facts, insert booking, update count, insert
//! outbox, commit. Server, database and load share the machine; commits are durable.
//!
//! Our service does more: it verifies the caller's token and reads the session, decides by the rules of the
//! location, stores the decision and the answer under its idempotency key, and speaks HTTP.
//!
//! `ours` and `floor` are bookings per second, each the median of its rounds; `ratio` is the median of the
//! ratios of ours to the floor in each round: above 1 ours is faster. They alternate in short rounds, so that
//! other activity of the machine affects both. The line before the last has the same for a bare floor, which
//! reads too little to decide anything.

use anyhow::ensure;
use std::{net::SocketAddr, time::Duration as Span};
use tryzore_app_api::routes::routes;
use tryzore_bench::{
    crowd::Crowd,
    floor::{CLASSES, CLIENTS, Floor, Work},
    latency::Latencies,
    load::{Load, Outcome},
};
use tryzore_kernel::EventId;
use tryzore_postgres::{DatabaseConfig, Db};
use tryzore_testkit::{Service, TestTenant, http::Api};

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 7;
// Bookings of one connection in a round: each class would be booked by each client once before they run out.
const SHARE: usize = CLASSES * CLIENTS / CONNECTIONS / (ROUNDS + 1);

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]
async fn main() -> anyhow::Result<()> {
    let seconds: u64 = std::env::args().nth(1).map_or(Ok(21), |text| text.parse())?;
    let mut studio = TestTenant::open().await;
    ensure_durable(&studio).await?;
    // The default of a service, unless another size is better for the disk.
    let mut config = DatabaseConfig::new(studio.database.url(Service::Api));
    if let Some(connections) = std::env::args().nth(2) {
        config.pool_size = connections.parse()?;
    }
    studio.db = Db::connect(&config, studio.clock.clone())?;
    let classes = classes(&studio).await?;
    let tokens = Crowd::at(&studio).await?.clients(CLIENTS).await?;
    let api = Api::start_with_sessions(&studio, routes).await;
    let server = api.url().trim_start_matches("http://").parse()?;
    let span = Span::from_secs(seconds.div_ceil(ROUNDS as u64));
    // The first round is not measured. The plans of both depend on the statistics of the tables: Postgres expects
    // one row of a tenant that it has never analyzed, and may choose a bad plan. Autovacuum would analyze the
    // tables within a minute.
    let warm = round_of(server, Span::from_secs(2), 0, &classes, &tokens).await?;
    let pgbench = Floor::at(&studio).await?;
    for work in [Work::Same, Work::Bare] {
        pgbench.round(work, CONNECTIONS, Span::from_secs(1), 0)?;
    }
    studio.database.owner_client().await.batch_execute("ANALYZE").await?;
    let (mut ours, mut floor, mut bare, mut latencies) = (vec![], vec![], vec![], vec![]);
    for round in 1..=ROUNDS {
        let same = pgbench.round(Work::Same, CONNECTIONS, span, round * SHARE)?;
        let booked = round_of(server, span, round, &classes, &tokens).await?;
        let least = pgbench.round(Work::Bare, CONNECTIONS, span, round * SHARE)?;
        let fast = booked.per_second;
        println!("round {round}: floor {same:.0}, ours {fast:.0}, bare floor {least:.0} bookings a second");
        ours.push(fast);
        floor.push(same);
        bare.push(least);
        latencies.extend(booked.lanes.into_iter().flatten());
    }
    // Check that each answered booking is stored, with its spot.
    let answered = latencies.len() + warm.lanes.iter().map(Vec::len).sum::<usize>();
    let spots = "SELECT sum(spots_booked) FROM events.events WHERE name = 'Bench'";
    let bookings = "SELECT count(*) FROM events.bookings b JOIN events.events e ON e.id = b.event_id
                    WHERE e.name = 'Bench' AND b.status = 'booked'";
    for query in [spots, bookings] {
        let kept = studio.count(query).await;
        ensure!(kept == i64::try_from(answered)?, "{answered} were answered, {kept} are kept: {query}");
    }
    println!("{answered} bookings, all answered by 201, all there");
    println!("to the bare floor: {:.0} a second, ratio {:.3}", median(bare.clone()), ratio(&ours, &bare));
    let (to_floor, latencies) = (ratio(&ours, &floor), Latencies::of(latencies));
    println!(
        "bench=booking ours={:.0} floor={:.0} ratio={to_floor:.3} p50_ms={:.2} p99_ms={:.2}",
        median(ours),
        median(floor),
        latencies.percentile(0.50),
        latencies.percentile(0.99),
    );
    api.stop().await;
    Ok(())
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

// The median of the ratios of `ours` to `floor` in each round.
fn ratio(ours: &[f64], floor: &[f64]) -> f64 {
    median(ours.iter().zip(floor).map(|(ours, floor)| ours / floor).collect())
}

async fn ensure_durable(studio: &TestTenant) -> anyhow::Result<()> {
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: String = studio.sql.query_one(&format!("SHOW {setting}"), &[]).await?.get(0);
        ensure!(value == "on", "{setting} is {value}: commits here are not durable");
    }
    Ok(())
}

/// Class and client of the nth booking, counted from 0. Consecutive bookings are by different clients, and no
/// pair comes twice.
const fn pair(n: usize) -> (usize, usize) {
    ((n + n / CLIENTS) % CLASSES, n % CLIENTS)
}

async fn round_of(
    server: SocketAddr,
    span: Span,
    round: usize,
    classes: &[EventId],
    tokens: &[String],
) -> anyhow::Result<Outcome> {
    let (classes, tokens) = (classes.to_vec(), tokens.to_vec());
    let load = Load { server, connections: CONNECTIONS, span, status: "HTTP/1.1 201", lanes: 1 };
    load.run(move |connection, n| {
        let number = (round * SHARE + n) * CONNECTIONS + connection;
        let (class, client) = pair(number);
        format!(
            "POST /api/v1/events/{}/book HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\
             Idempotency-Key: {number}\r\nContent-Length: 0\r\n\r\n",
            classes[class], tokens[client]
        )
    })
    .await
}

async fn classes(studio: &TestTenant) -> anyhow::Result<Vec<EventId>> {
    let ids: Vec<EventId> = (0..CLASSES).map(|_| EventId::generate(studio.now())).collect();
    let uuids: Vec<_> = ids.iter().map(|one| one.uuid()).collect();
    studio
        .sql
        .execute(
            "INSERT INTO events.events (tenant_id, id, organization_id, kind, name, starts_at, ends_at, spots_total,
                 status, created_at, updated_at)
             SELECT $1, id, $2, 'class', 'Bench', $3::timestamptz + '1 day', $3::timestamptz + '25 hours', 10000,
                 'scheduled', now(), now()
             FROM unnest($4::uuid[]) id",
            &[&studio.tenant.uuid(), &studio.main.uuid(), &studio.now(), &uuids],
        )
        .await?;
    Ok(ids)
}
