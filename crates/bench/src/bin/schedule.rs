//! A page of the schedule over HTTP, in a tenant with 10,000 classes and in one with 100.
//!
//! A client pages through the classes of their location, an employee through those of all four; each asks for
//! a week and follows the cursors, and only full pages are measured. The tenants alternate on each connection.
//! Classes have bookings and a waitlist, the client has some of the spots.
//!
//! `ours` is the median time of a page among 10,000 classes in milliseconds, `floor` the same among 100, both
//! for the caller with the greater ratio; `ratio` is ours to the floor: the cost of a hundred times the
//! classes, so here less is better. The number of statements of a page must be the same in both.

use anyhow::{Context, ensure};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::Value;
use std::{net::SocketAddr, time::Duration as Span};
use tryzore_bench::{
    crowd::Crowd,
    latency::Latencies,
    load::{self, Load},
};
use tryzore_kernel::{EventId, OrganizationId};
use tryzore_postgres::{DatabaseConfig, Db};
use tryzore_testkit::{Service, TestTenant, http::Api};
use tryzore_web::server::Routes;
use uuid::Uuid;

const SIZES: [usize; 2] = [100, 10_000];
const CLIENTS: usize = 40;
const CONNECTIONS: usize = 4;
// Fits on the pages of both tenants, at one location and at all.
const ROWS: usize = 20;
const OK: &str = "HTTP/1.1 200";

/// A tenant, and the callers who read its schedule.
struct Tenant {
    studio: TestTenant,
    client: String,
    employee: String,
}

/// An API and its caller.
struct View {
    name: &'static str,
    routes: Routes,
    token: fn(&Tenant) -> &str,
}

const VIEWS: [View; 2] = [
    View {
        name: "app-api, a client",
        routes: tryzore_app_api::routes::routes,
        token: |tenant| &tenant.client,
    },
    View {
        name: "crm-api, an employee",
        routes: tryzore_crm_api::routes::routes,
        token: |tenant| &tenant.employee,
    },
];

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]
async fn main() -> anyhow::Result<()> {
    let seconds: u64 = std::env::args().nth(1).map_or(Ok(15), |text| text.parse())?;
    let mut tenants = [Tenant::with(SIZES[0]).await?, Tenant::with(SIZES[1]).await?];
    // Autovacuum would have analyzed the tables meanwhile.
    tenants[0].studio.database.owner_client().await.batch_execute("ANALYZE").await?;

    let span = Span::from_secs(seconds.div_ceil(VIEWS.len() as u64));
    let mut worst: Option<(f64, [Latencies; 2])> = None;
    for view in &VIEWS {
        let [few, many] = statements(&mut tenants, view).await?;
        ensure!(few == many, "{}: {many} statements among {}, {few} among {}", view.name, SIZES[1], SIZES[0]);
        let latencies = measure(&tenants, view, span).await?;
        let [small, large] = [latencies[0].percentile(0.50), latencies[1].percentile(0.50)];
        println!(
            "{}: p50 {large:.2} ms among {}, {small:.2} ms among {}; {many} statements a page in both",
            view.name, SIZES[1], SIZES[0],
        );
        if worst.as_ref().is_none_or(|(ratio, _)| large / small > *ratio) {
            worst = Some((large / small, latencies));
        }
    }
    let (ratio, [few, many]) = worst.context("no view")?;
    let (p50, p99) = (many.percentile(0.50), many.percentile(0.99));
    println!(
        "bench=schedule ours={p50:.2} floor={:.2} ratio={ratio:.3} p50_ms={p50:.2} p99_ms={p99:.2}",
        few.percentile(0.50),
    );
    Ok(())
}

/// How many statements a page costs, by tenant. The first request of each tenant includes the work that is done
/// once per session and per connection.
async fn statements(tenants: &mut [Tenant; 2], view: &View) -> anyhow::Result<[u64; 2]> {
    let usual = tenants[0].studio.db.clone();
    let tap = tenants[0].studio.tap().await;
    let api = Api::start_with_sessions(&tenants[0].studio, view.routes).await;
    let server = address(&api)?;
    let mut counts = [0; 2];
    for (tenant, count) in tenants.iter().zip(&mut counts) {
        let page = tenant.request(view, None);
        load::ask(server, OK, &page).await?;
        let before = tap.statements();
        load::ask(server, OK, &page).await?;
        *count = tap.statements() - before;
    }
    api.stop().await;
    tenants[0].studio.db = usual;
    Ok(counts)
}

/// How long full pages take, by tenant.
async fn measure(tenants: &[Tenant; 2], view: &View, span: Span) -> anyhow::Result<[Latencies; 2]> {
    // Both tenants lie in the same database, so one service answers for both.
    let api = Api::start_with_sessions(&tenants[0].studio, view.routes).await;
    let server = address(&api)?;
    let pages = [tenants[0].full_pages(view, server).await?, tenants[1].full_pages(view, server).await?];
    let load = Load { server, connections: CONNECTIONS, span, status: OK, lanes: pages.len() };
    let outcome = load.run(move |connection, n| {
        let pages = &pages[n % pages.len()];
        pages[(connection + n / 2) % pages.len()].clone()
    });
    let lanes = outcome.await?.lanes.into_iter().map(Latencies::of).collect::<Vec<_>>();
    api.stop().await;
    lanes.try_into().ok().context("two tenants")
}

fn address(api: &Api) -> anyhow::Result<SocketAddr> {
    Ok(api.url().trim_start_matches("http://").parse()?)
}

impl Tenant {
    /// With `size` classes: each hour one at each location.
    async fn with(size: usize) -> anyhow::Result<Self> {
        let mut studio = TestTenant::open().await;
        // The default of a service: tests wait longer.
        let config = DatabaseConfig::new(studio.database.url(Service::Api));
        studio.db = Db::connect(&config, studio.clock.clone())?;
        let mut locations = vec![studio.main];
        for name in ["Downtown", "Westside", "Harbour"] {
            locations.push(studio.location(name).await);
        }
        let crowd = Crowd::at(&studio).await?;
        let clients = crowd.clients(CLIENTS).await?;
        let employee = crowd.employee(&locations, &["events.view_all"]).await?;
        let client = clients.into_iter().next().context("no client")?;
        let tenant = Self { client, employee, studio };
        tenant.fill(size, &locations).await?;
        Ok(tenant)
    }

    async fn fill(&self, size: usize, locations: &[OrganizationId]) -> anyhow::Result<()> {
        let (sql, tenant, now) = (&self.studio.sql, self.studio.tenant.uuid(), self.studio.now());
        let classes: Vec<Uuid> = (0..size).map(|_| EventId::generate(now).uuid()).collect();
        let locations: Vec<Uuid> = locations.iter().map(|one| one.uuid()).collect();
        // Eight of ten spots are booked; every tenth class is full, with two clients on the waitlist.
        sql.execute(
            "INSERT INTO events.events (tenant_id, id, organization_id, kind, name, starts_at, ends_at, spots_total,
                 spots_booked, status, created_at, updated_at)
             SELECT $1, c.id, ($3::uuid[])[1 + n % cardinality($3)], 'class', 'Yoga',
                 $4::timestamptz + (n / cardinality($3)) * interval '1 hour',
                 $4::timestamptz + (n / cardinality($3) + 1) * interval '1 hour',
                 CASE n % 10 WHEN 0 THEN 8 ELSE 10 END, 8, 'scheduled', now(), now()
             FROM (SELECT id, (nth - 1)::int AS n FROM unnest($2::uuid[]) WITH ORDINALITY AS c (id, nth)) c",
            &[&tenant, &classes, &locations, &now],
        )
        .await?;
        let clients =
            "(SELECT array_agg(id ORDER BY id) AS ids FROM crm.clients WHERE tenant_id = $1) clients";
        let classes = "(SELECT id, organization_id, (row_number() OVER (ORDER BY starts_at, id))::int AS n,
                            spots_booked = spots_total AS is_full
                        FROM events.events WHERE tenant_id = $1) e";
        let bookings = format!(
            "INSERT INTO events.bookings (tenant_id, id, event_id, client_id, user_id, booking_organization_id,
                 attended_organization_id, status, status_at, is_first_timer, currency, created_at)
             SELECT $1, gen_random_uuid(), e.id, who, who, $2, e.organization_id, 'booked', now(), false, 'EUR', now()
             FROM {clients}, {classes}, generate_series(0, 7) k,
                 LATERAL (SELECT ids[1 + (n + k) % cardinality(ids)] AS who) w"
        );
        sql.execute(&bookings, &[&tenant, &self.studio.main.uuid()]).await?;
        let line = format!(
            "INSERT INTO events.waitlist_entries (tenant_id, event_id, place, id, client_id, user_id, status, added_at,
                 status_at)
             SELECT $1, e.id, k, gen_random_uuid(), who, who, 'waiting', now(), now()
             FROM {clients}, {classes}, generate_series(8, 9) k,
                 LATERAL (SELECT ids[1 + (n + k) % cardinality(ids)] AS who) w
             WHERE is_full"
        );
        sql.execute(&line, &[&tenant]).await?;
        Ok(())
    }

    fn request(&self, view: &View, cursor: Option<&str>) -> String {
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (from, to) = (text(self.studio.now()), text(self.studio.now() + Duration::days(7)));
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let token = (view.token)(self);
        format!(
            "GET /api/v1/events?from={from}&to={to}&limit={ROWS}{cursor} HTTP/1.1\r\nHost: bench\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        )
    }

    /// The requests for all full pages of the week.
    async fn full_pages(&self, view: &View, server: SocketAddr) -> anyhow::Result<Vec<String>> {
        let (mut pages, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let request = self.request(view, cursor.as_deref());
            let page: Value = serde_json::from_str(&load::ask(server, OK, &request).await?)?;
            if page["data"].as_array().is_some_and(|rows| rows.len() == ROWS) {
                pages.push(request);
            }
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                ensure!(!pages.is_empty(), "{}: no full page", view.name);
                return Ok(pages);
            }
        }
    }
}
