//! The floors, measured by pgbench. For `opening`: booking a spot is one `UPDATE` ([`spots`]). For `booking`: the
//! same transaction as eight prepared statements: begin, set tenant, lock class, read the facts, insert booking,
//! update count, insert outbox, commit.

use anyhow::{Context, ensure};
use std::{
    io::Write,
    process::{Command, Output},
    time::Duration,
};
use tryzore_kernel::EventId;
use tryzore_testkit::{Service, TestTenant, postgres_server::program};

/// The classes that are booked.
pub const CLASSES: usize = 200;
/// The clients who book.
pub const CLIENTS: usize = 2_000;

/// How much the eight statements read and write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// All facts that our rules need: the class, the booking rules of the location, the client, whether they have
    /// visited before, whether they have booked, and the waitlist. The outbox row is a real one.
    Same,
    /// The class and the client's own row, with an empty outbox row. No rule could be decided by that: it is the
    /// least that the eight statements cost.
    Bare,
}

/// pgbench at a test tenant.
pub struct Floor {
    tenant: String,
    main: String,
    url: String,
    // Copied from the outbox row of a real booking.
    actor: String,
    payload: String,
}

impl Floor {
    /// With classes and clients of its own, numbered so that pgbench can address them. There must be a booking at
    /// `studio`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn at(studio: &TestTenant) -> anyhow::Result<Self> {
        let (tenant, main) = (studio.tenant.uuid().to_string(), studio.main.uuid().to_string());
        let classes = CLASSES * 2;
        let rows = format!(
            "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name, email,
                 status, joined_on, created_at, updated_at)
             SELECT '{tenant}', n.id, n.id, '{main}', 'Floor', 'Client', n.id || '@example.com', 'active', '2026-01-01', now(), now()
             FROM (SELECT lpad(to_hex(n), 32, '0')::uuid AS id FROM generate_series(1, {CLIENTS}) n) n;
             INSERT INTO events.events (tenant_id, id, organization_id, kind, name, starts_at, ends_at, spots_total,
                 status, created_at, updated_at)
             SELECT '{tenant}', lpad(to_hex(n), 32, '0')::uuid, '{main}', 'class', 'Floor', now() + '1 day',
                 now() + '25 hours', 10000, 'scheduled', now(), now()
             FROM generate_series(1, {classes}) n"
        );
        studio.sql.batch_execute(&rows).await?;
        let booked =
            "SELECT actor::text, payload::text FROM runtime.outbox WHERE kind = 'events.booked' LIMIT 1";
        let booked = studio.sql.query_one(booked, &[]).await?;
        let url = studio.database.url(Service::Api);
        Ok(Self { tenant, main, url, actor: booked.get(0), payload: booked.get(1) })
    }

    /// Bookings per second by `connections` during `span`. The bookings are numbered from `first`; the numbers of
    /// two rounds of the same `work` must not overlap.
    ///
    /// # Errors
    /// When pgbench cannot be started, or a statement fails.
    pub fn round(&self, work: Work, connections: usize, span: Duration, first: usize) -> anyhow::Result<f64> {
        let mut script = tempfile::NamedTempFile::new()?;
        script.write_all(self.script(work, connections).as_bytes())?;
        let (actor, payload) = match work {
            Work::Same => (&*self.actor, &*self.payload),
            Work::Bare => ("{}", "{}"),
        };
        let report = Command::new(program("pgbench"))
            .args(["--no-vacuum", "--protocol=prepared", "--define", &format!("n={first}")])
            .args(["--define", &format!("actor={actor}"), "--define", &format!("payload={payload}")])
            .args(["--client", &connections.to_string(), "--jobs", "2"])
            .args(["--time", &span.as_secs().to_string(), "--file"])
            .arg(script.path())
            .arg(&self.url)
            // Like our service: each statement is planned once.
            .env("PGOPTIONS", "-c plan_cache_mode=force_generic_plan")
            .output()
            .context("pgbench cannot be started")?;
        throughput(&report)
    }

    fn script(&self, work: Work, connections: usize) -> String {
        let Self { tenant, main, .. } = self;
        let id = |variable: &str| format!("lpad(to_hex((:{variable})::int), 32, '0')::uuid");
        let (class, client, booking) = (id("class"), id("client"), id("booking"));
        // Each kind of work has classes and bookings of its own.
        let (classes, bookings) = match work {
            Work::Same => (1, 0),
            Work::Bare => (1 + CLASSES, 100_000_000),
        };
        let standing = match work {
            Work::Same => format!(
                "SELECT id, organization_id, kind, name, staff_user_id, starts_at, ends_at, spots_total, spots_booked,
                        status, allow_cross_location_booking
                 FROM events.events WHERE tenant_id = '{tenant}' AND id = {class} FOR NO KEY UPDATE;
                 SELECT o.status, o.time_zone, o.currency, s.cancellation_window_hours, s.noshow_fee_minor,
                        s.late_cancel_fee_minor, s.drop_in_price_minor, s.reservation_open_time,
                        s.reservation_close_time, s.allow_cross_location_booking, s.honor_other_location_memberships,
                        c.id, c.user_id, c.status, c.home_organization_id, c.allowed_organization_ids,
                        coalesce((SELECT true FROM events.bookings b
                                  WHERE b.tenant_id = '{tenant}' AND b.client_id = c.id AND b.status = 'attended'
                                  LIMIT 1), false),
                        (SELECT b.id FROM events.bookings b
                         WHERE b.tenant_id = '{tenant}' AND b.event_id = {class} AND b.client_id = c.id
                           AND b.status IN ('booked', 'attended', 'no_show')),
                        ARRAY(SELECT w.client_id FROM events.waitlist_entries w
                              WHERE w.tenant_id = '{tenant}' AND w.event_id = {class} AND w.status = 'waiting'
                              ORDER BY w.place)
                 FROM tenancy.organizations o
                 JOIN tenancy.organization_settings s ON s.tenant_id = '{tenant}' AND s.organization_id = o.id
                 JOIN crm.clients c ON c.tenant_id = '{tenant}' AND c.user_id = {client}
                 WHERE o.tenant_id = '{tenant}' AND o.id = '{main}';"
            ),
            Work::Bare => format!(
                "SELECT id, spots_total, spots_booked, status, starts_at FROM events.events
                 WHERE tenant_id = '{tenant}' AND id = {class} FOR NO KEY UPDATE;
                 SELECT id, user_id, status, home_organization_id FROM crm.clients
                 WHERE tenant_id = '{tenant}' AND user_id = {client};"
            ),
        };
        format!(
            "\\set n :n + 1
             \\set number :n * {connections} + :client_id
             \\set booking :number + {bookings}
             \\set class (:number + :number / {CLIENTS}) % {CLASSES} + {classes}
             \\set client :number % {CLIENTS} + 1
             BEGIN;
             SET LOCAL app.tenant_id = '{tenant}';
             {standing}
             INSERT INTO events.bookings (tenant_id, id, event_id, client_id, user_id, booking_organization_id,
                 attended_organization_id, status, status_at, is_first_timer, currency, created_at)
             VALUES ('{tenant}', {booking}, {class}, {client}, {client}, '{main}', '{main}', 'booked', now(), true,
                 'EUR', now());
             UPDATE events.events SET spots_booked = spots_booked + 1 WHERE tenant_id = '{tenant}' AND id = {class};
             INSERT INTO runtime.outbox (id, tenant_id, organization_id, kind, aggregate_id, subject_id, audience,
                 actor, payload, occurred_at)
             VALUES (gen_random_uuid(), '{tenant}', '{main}', 'events.booked', {class}, {client}, 'events.view_all',
                 :actor, :payload, now());
             COMMIT;
"
        )
    }
}

// The number of pgbench connections that book spots: the default of a service, or one that divides a thousand
// evenly.
const TAKERS: usize = 20;

/// Books `count` spots of `class` by a single statement each, or finds none left; returns how many per second.
///
/// # Errors
/// When pgbench cannot be started, or a statement fails.
pub fn spots(studio: &TestTenant, class: EventId, count: usize) -> anyhow::Result<f64> {
    let (tenant, class) = (studio.tenant.uuid(), class.uuid());
    let mut script = tempfile::NamedTempFile::new()?;
    writeln!(
        script,
        "UPDATE events.events SET spots_booked = spots_booked + 1
         WHERE tenant_id = '{tenant}' AND id = '{class}' AND spots_booked < spots_total RETURNING spots_booked;"
    )?;
    let report = Command::new(program("pgbench"))
        .args(["--no-vacuum", "--protocol=prepared", "--jobs", "2"])
        .args(["--client", &TAKERS.to_string(), "--transactions", &(count / TAKERS).to_string(), "--file"])
        .arg(script.path())
        .arg(studio.database.url(Service::Api))
        .env("PGOPTIONS", format!("-c plan_cache_mode=force_generic_plan -c app.tenant_id={tenant}"))
        .output()
        .context("pgbench cannot be started")?;
    throughput(&report)
}

// Transactions per second, as pgbench reports them: without the time to connect.
fn throughput(report: &Output) -> anyhow::Result<f64> {
    let text = String::from_utf8_lossy(&report.stdout);
    ensure!(report.status.success(), "pgbench: {text}{}", String::from_utf8_lossy(&report.stderr));
    let line = text.lines().find(|line| line.starts_with("tps = ")).context("pgbench told no throughput")?;
    Ok(line.trim_start_matches("tps = ").split(' ').next().unwrap_or_default().parse()?)
}
