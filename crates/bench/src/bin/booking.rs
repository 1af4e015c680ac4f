//! Booking a class over HTTP, against the same transaction written for pgbench as eight prepared
//! statements: begin, set tenant, lock class, read standing, insert booking, update count, insert
//! outbox, commit. Server, database and load share the machine; commits are durable.

use anyhow::Context;
use chrono::Duration;
use std::{io::Write, process::Command, time::Duration as Span};
use tryzore_app_api::routes::routes;
use tryzore_bench::load;
use tryzore_kernel::EventId;
use tryzore_testkit::{Service, Studio, http::Api, studio::Member};

const CONNECTIONS: usize = 32;
const CLASSES: usize = 200;
const CLIENTS: usize = 2_000;

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]
async fn main() -> anyhow::Result<()> {
    let seconds: u64 = std::env::args().nth(1).map_or(Ok(15), |text| text.parse())?;
    let studio = Studio::open().await;
    let classes = classes(&studio).await;
    let floor = floor(&studio, seconds).await?;
    println!("floor (pgbench, {CONNECTIONS} connections): {floor:.0} bookings a second");

    let members = members(&studio).await;
    let api = Api::start(&studio, routes);
    let tokens: Vec<String> =
        members.iter().map(|member| api.admit(studio.as_client(*member, studio.main))).collect();
    let address = api.url().trim_start_matches("http://").parse()?;
    let ours = load::closed_loop(address, CONNECTIONS, Span::from_secs(seconds), "HTTP/1.1 201", move |c, n| {
        // Each pair of class and client is booked once.
        let pair = n * CONNECTIONS + c;
        let (class, token): (EventId, &str) = (classes[pair % CLASSES], &tokens[pair / CLASSES % CLIENTS]);
        format!(
            "POST /api/v1/events/{class}/book HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
             Idempotency-Key: {pair}\r\nContent-Length: 0\r\n\r\n"
        )
    })
    .await?;
    let booked = studio.count("SELECT sum(spots_booked) FROM events.events").await;
    println!("ours ({booked} bookings in all): {:.0} bookings a second", ours.per_second);
    println!(
        "bench=booking ours={:.0} floor={floor:.0} ratio={:.2} p50_ms={:.2} p99_ms={:.2}",
        ours.per_second,
        ours.per_second / floor,
        ours.latencies.percentile(0.50),
        ours.latencies.percentile(0.99),
    );
    api.stop().await;
    Ok(())
}

async fn classes(studio: &Studio) -> Vec<EventId> {
    let mut classes = Vec::with_capacity(CLASSES);
    for _ in 0..CLASSES {
        classes.push(studio.class(studio.main, 10_000, Duration::days(1)).await);
    }
    classes
}

async fn members(studio: &Studio) -> Vec<Member> {
    let mut members = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        members.push(studio.member(studio.main).await);
    }
    members
}

// The floor books classes and clients of its own, numbered so that pgbench can name them.
async fn floor(studio: &Studio, seconds: u64) -> anyhow::Result<f64> {
    let (tenant, main) = (studio.tenant.uuid(), studio.main.uuid());
    studio
        .sql
        .batch_execute(&format!(
            "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name, status,
                 joined_on, created_at, updated_at)
             SELECT '{tenant}', n.id, n.id, '{main}', 'Floor', 'Client', 'active', '2026-01-01', now(), now()
             FROM (SELECT lpad(to_hex(n), 32, '0')::uuid AS id FROM generate_series(1, {CLIENTS}) n) n;
             INSERT INTO events.events (tenant_id, id, organization_id, kind, name, starts_at, ends_at, spots_total,
                 status, created_at, updated_at)
             SELECT '{tenant}', lpad(to_hex(n), 32, '0')::uuid, '{main}', 'class', 'Floor', now() + '1 day',
                 now() + '25 hours', 10000, 'scheduled', now(), now()
             FROM generate_series(1, {CLASSES}) n"
        ))
        .await?;
    let id = |variable: &str| format!("lpad(to_hex((:{variable})::int), 32, '0')::uuid");
    let (class, client, pair) = (id("class"), id("client"), id("pair"));
    let mut script = tempfile::NamedTempFile::new()?;
    write!(
        script,
        "\\set n :n + 1
\\set pair :n * {CONNECTIONS} + :client_id
\\set class :pair % {CLASSES} + 1
\\set client :pair / {CLASSES} % {CLIENTS} + 1
BEGIN;
SET LOCAL app.tenant_id = '{tenant}';
SELECT id, spots_total, spots_booked, status, starts_at FROM events.events
 WHERE tenant_id = '{tenant}' AND id = {class} FOR NO KEY UPDATE;
SELECT id, user_id, status, home_organization_id FROM crm.clients
 WHERE tenant_id = '{tenant}' AND user_id = {client};
INSERT INTO events.bookings (tenant_id, id, event_id, client_id, user_id, booking_organization_id,
  attended_organization_id, status, status_at, is_first_timer, currency, created_at)
 VALUES ('{tenant}', {pair}, {class}, {client}, {client}, '{main}', '{main}', 'booked', now(), true, 'EUR', now());
UPDATE events.events SET spots_booked = spots_booked + 1 WHERE tenant_id = '{tenant}' AND id = {class};
INSERT INTO runtime.outbox (id, tenant_id, organization_id, kind, aggregate_id, actor, payload, occurred_at)
 VALUES (gen_random_uuid(), '{tenant}', '{main}', 'events.booked', {class}, '{{}}', '{{}}', now());
COMMIT;
"
    )?;
    let url = studio.database.url(Service::Api);
    let report = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--define=n=-1", "--client", &CONNECTIONS.to_string()])
        .args(["--jobs", "2", "--time", &seconds.to_string(), "--file"])
        .arg(script.path())
        .arg(&url)
        .output()
        .context("pgbench is not installed")?;
    let text = String::from_utf8_lossy(&report.stdout);
    anyhow::ensure!(report.status.success(), "pgbench: {text}{}", String::from_utf8_lossy(&report.stderr));
    let line = text.lines().find(|line| line.starts_with("tps = ")).context("pgbench told no throughput")?;
    Ok(line.trim_start_matches("tps = ").split(' ').next().unwrap_or_default().parse()?)
}
