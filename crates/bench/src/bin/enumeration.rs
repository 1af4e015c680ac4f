//! Does the time of an answer reveal whether an address is known? 1,000 requests about known addresses and 1,000
//! about unknown ones, in turn: signing in with a wrong password, a forgotten password, and signing up.
//!
//! Each address is used once per operation, so no lock refuses an attempt. `ours` is the smallest p-value of the
//! three comparisons, `floor` what it must not fall below, `ratio` ours to it. Three comparisons of equal times fall
//! below it in 3 of 100 runs: repeat a run that does. `p50_ms` and `p99_ms` are of the sign-ins.

use anyhow::Context;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tryzore_app_api::routes::routes;
use tryzore_bench::{crowd::Crowd, latency::Latencies, load, rank_test::p_value};
use tryzore_kernel::{UserId, uuid_at};
use tryzore_testkit::{TestTenant, http::Api};

const TRIES: usize = 1_000;
const LEAST: f64 = 0.01;
// The first requests open connections and prepare statements.
const WARM_UP: usize = 50;

/// An operation that is called with an address.
struct Probe {
    path: &'static str,
    status: &'static str,
    body: fn(&str) -> serde_json::Value,
}

const PROBES: [Probe; 3] = [
    Probe {
        path: "/auth/login",
        status: "HTTP/1.1 401",
        body: |email| serde_json::json!({ "email": email, "password": "not the password" }),
    },
    Probe {
        path: "/auth/forgot-password",
        status: "HTTP/1.1 202",
        body: |email| serde_json::json!({ "email": email }),
    },
    Probe {
        path: "/auth/register",
        status: "HTTP/1.1 202",
        body: |email| serde_json::json!({ "email": email, "name": "Ada Rossi" }),
    },
];

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]
async fn main() -> anyhow::Result<()> {
    let studio = TestTenant::open().await;
    let known = Crowd::at(&studio).await?.with_password(WARM_UP + TRIES, "correct horse battery").await?;
    // Autovacuum would have analyzed the tables meanwhile.
    studio.database.owner_client().await.batch_execute("ANALYZE").await?;
    let api = Api::start_with_sessions(&studio, routes).await;
    let server: SocketAddr = api.url().trim_start_matches("http://").parse()?;
    let (mut least, mut sign_ins) = (f64::INFINITY, None);
    for probe in &PROBES {
        let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
        for (n, email) in known.iter().enumerate() {
            // As long as the known ones, and new for each operation: signing up makes an address known.
            let unknown = format!("{}@example.com", UserId::from(uuid_at(studio.now())));
            let in_turn = if n.is_multiple_of(2) { [true, false] } else { [false, true] };
            for is_known in in_turn {
                let took = probe.ask(server, if is_known { email } else { &unknown }).await?;
                if n >= WARM_UP {
                    if is_known { of_known.push(took) } else { of_unknown.push(took) }
                }
            }
        }
        let p = p_value(&of_known, &of_unknown);
        let (of_known, of_unknown) = (Latencies::of(of_known), Latencies::of(of_unknown));
        println!(
            "{}: p = {p:.4}; p50 {:.3} ms for known addresses, {:.3} ms for unknown ones",
            probe.path,
            of_known.percentile(0.50),
            of_unknown.percentile(0.50),
        );
        least = least.min(p);
        sign_ins.get_or_insert(of_known);
    }
    api.stop().await;
    let sign_ins = sign_ins.context("no operation")?;
    println!(
        "bench=enumeration ours={least:.4} floor={LEAST} ratio={:.3} p50_ms={:.2} p99_ms={:.2}",
        least / LEAST,
        sign_ins.percentile(0.50),
        sign_ins.percentile(0.99),
    );
    Ok(())
}

impl Probe {
    async fn ask(&self, server: SocketAddr, email: &str) -> anyhow::Result<Duration> {
        let body = (self.body)(email).to_string();
        let request = format!(
            "POST /api/v1{} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.path,
            body.len()
        );
        let sent = Instant::now();
        load::ask(server, self.status, &request).await?;
        Ok(sent.elapsed())
    }
}
