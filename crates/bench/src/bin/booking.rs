//! Booking a class over HTTP, against the same transaction written for pgbench as eight prepared
//! statements: begin, set tenant, lock class, read standing, insert booking, update count, insert
//! outbox, commit. Server, database and load share the machine; commits are durable.
//!
//! Ours does more: it verifies the caller's token and reads the session, decides by the rules of the
//! house, keeps the decision and the answer under its idempotency key, and speaks HTTP.
//!
//! `ours` and `floor` are bookings a second, each the median of its rounds; `ratio` is the median of
//! what ours was to the floor in a round: above 1 ours is faster. The two take turns in short rounds, so
//! that whatever else the machine does meets both.

use anyhow::{Context, ensure};
use std::{io::Write, net::SocketAddr, process::Command, time::Duration as Span};
use tryzore_app_api::routes::routes;
use tryzore_bench::{
    crowd::Crowd,
    latency::Latencies,
    load::{Load, Outcome},
};
use tryzore_kernel::EventId;
use tryzore_postgres::{DatabaseConfig, Db};
use tryzore_testkit::{Service, Studio, http::Api, postgres_server::program};

const CONNECTIONS: usize = 32;
const CLASSES: usize = 200;
const CLIENTS: usize = 2_000;
const ROUNDS: usize = 7;
// What one connection may do in a round: each class would take each client once before they run out.
const SHARE: usize = CLASSES * CLIENTS / CONNECTIONS / (ROUNDS + 1);

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]
async fn main() -> anyhow::Result<()> {
    let seconds: u64 = std::env::args().nth(1).map_or(Ok(21), |text| text.parse())?;
    let mut studio = Studio::open().await;
    ensure_durable(&studio).await?;
    // As a service has it by default, unless the disk is such that another size is better.
    let mut config = DatabaseConfig::new(studio.database.url(Service::Api));
    if let Some(connections) = std::env::args().nth(2) {
        config.pool_size = connections.parse()?;
    }
    studio.db = Db::connect(&config, studio.clock.clone())?;
    let classes = classes(&studio).await?;
    floor_prepare(&studio).await?;

    let tokens = Crowd::at(&studio).await?.clients(CLIENTS).await?;
    let api = Api::start_with_sessions(&studio, routes).await;
    let server = api.url().trim_start_matches("http://").parse()?;
    let span = Span::from_secs(seconds.div_ceil(ROUNDS as u64));
    let (mut ours, mut floor, mut ratios, mut latencies) = (vec![], vec![], vec![], vec![]);
    // The first round is not measured. The plans of both depend on what Postgres knows of the tables: of a
    // tenant that it has never seen it expects one row, and chooses as it likes. Autovacuum would tell it
    // within a minute.
    floor_round(&studio, Span::from_secs(2), 0)?;
    let warm = round_of(server, Span::from_secs(2), 0, &classes, &tokens).await?;
    studio.database.owner_client().await.batch_execute("ANALYZE").await?;
    for round in 1..=ROUNDS {
        let slow = floor_round(&studio, span, round)?;
        let fast = round_of(server, span, round, &classes, &tokens).await?;
        println!("round {round}: floor {slow:.0}, ours {:.0} bookings a second", fast.per_second);
        ratios.push(fast.per_second / slow);
        floor.push(slow);
        ours.push(fast.per_second);
        latencies.extend(fast.lanes.into_iter().flatten());
    }
    // What was answered is there: each booking, and its spot.
    let answered = latencies.len() + warm.lanes.iter().map(Vec::len).sum::<usize>();
    let spots = "SELECT sum(spots_booked) FROM events.events WHERE name = 'Bench'";
    let bookings = "SELECT count(*) FROM events.bookings b JOIN events.events e ON e.id = b.event_id
                    WHERE e.name = 'Bench' AND b.status = 'booked'";
    for query in [spots, bookings] {
        let kept = studio.count(query).await;
        ensure!(kept == i64::try_from(answered)?, "{answered} were answered, {kept} are kept: {query}");
    }
    println!("{answered} bookings, all answered by 201, all there");
    let (ours, floor, latencies) = (median(ours), median(floor), Latencies::of(latencies));
    println!(
        "bench=booking ours={ours:.0} floor={floor:.0} ratio={:.3} p50_ms={:.2} p99_ms={:.2}",
        median(ratios),
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

async fn ensure_durable(studio: &Studio) -> anyhow::Result<()> {
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: String = studio.sql.query_one(&format!("SHOW {setting}"), &[]).await?.get(0);
        ensure!(value == "on", "{setting} is {value}: commits here are not durable");
    }
    Ok(())
}

/// Class and client of the nth booking, counted from 0. Callers follow one another as they do in life;
/// no pair comes twice.
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

async fn classes(studio: &Studio) -> anyhow::Result<Vec<EventId>> {
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

// The floor books classes and clients of its own, numbered so that pgbench can name them.
async fn floor_prepare(studio: &Studio) -> anyhow::Result<()> {
    let (tenant, main) = (studio.tenant.uuid(), studio.main.uuid());
    let rows = format!(
        "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name, email,
             status, joined_on, created_at, updated_at)
         SELECT '{tenant}', n.id, n.id, '{main}', 'Floor', 'Client', n.id || '@example.com', 'active', '2026-01-01', now(), now()
         FROM (SELECT lpad(to_hex(n), 32, '0')::uuid AS id FROM generate_series(1, {CLIENTS}) n) n;
         INSERT INTO events.events (tenant_id, id, organization_id, kind, name, starts_at, ends_at, spots_total,
             status, created_at, updated_at)
         SELECT '{tenant}', lpad(to_hex(n), 32, '0')::uuid, '{main}', 'class', 'Floor', now() + '1 day',
             now() + '25 hours', 10000, 'scheduled', now(), now()
         FROM generate_series(1, {CLASSES}) n"
    );
    Ok(studio.sql.batch_execute(&rows).await?)
}

fn floor_round(studio: &Studio, span: Span, round: usize) -> anyhow::Result<f64> {
    let (tenant, main) = (studio.tenant.uuid(), studio.main.uuid());
    let id = |variable: &str| format!("lpad(to_hex((:{variable})::int), 32, '0')::uuid");
    let (class, client, number) = (id("class"), id("client"), id("number"));
    let mut script = tempfile::NamedTempFile::new()?;
    write!(
        script,
        "\\set n :n + 1
\\set number :n * {CONNECTIONS} + :client_id
\\set class (:number + :number / {CLIENTS}) % {CLASSES} + 1
\\set client :number % {CLIENTS} + 1
BEGIN;
SET LOCAL app.tenant_id = '{tenant}';
SELECT id, spots_total, spots_booked, status, starts_at FROM events.events
 WHERE tenant_id = '{tenant}' AND id = {class} FOR NO KEY UPDATE;
SELECT id, user_id, status, home_organization_id FROM crm.clients
 WHERE tenant_id = '{tenant}' AND user_id = {client};
INSERT INTO events.bookings (tenant_id, id, event_id, client_id, user_id, booking_organization_id,
  attended_organization_id, status, status_at, is_first_timer, currency, created_at)
 VALUES ('{tenant}', {number}, {class}, {client}, {client}, '{main}', '{main}', 'booked', now(), true, 'EUR', now());
UPDATE events.events SET spots_booked = spots_booked + 1 WHERE tenant_id = '{tenant}' AND id = {class};
INSERT INTO runtime.outbox (id, tenant_id, organization_id, kind, aggregate_id, actor, payload, occurred_at)
 VALUES (gen_random_uuid(), '{tenant}', '{main}', 'events.booked', {class}, '{{}}', '{{}}', now());
COMMIT;
"
    )?;
    let before = format!("--define=n={}", round * SHARE);
    let report = Command::new(program("pgbench"))
        .args(["--no-vacuum", "--protocol=prepared", &before, "--client", &CONNECTIONS.to_string()])
        .args(["--jobs", "2", "--time", &span.as_secs().to_string(), "--file"])
        .arg(script.path())
        .arg(studio.database.url(Service::Api))
        .output()
        .context("pgbench cannot be started")?;
    let text = String::from_utf8_lossy(&report.stdout);
    ensure!(report.status.success(), "pgbench: {text}{}", String::from_utf8_lossy(&report.stderr));
    let line = text.lines().find(|line| line.starts_with("tps = ")).context("pgbench told no throughput")?;
    Ok(line.trim_start_matches("tps = ").split(' ').next().unwrap_or_default().parse()?)
}
