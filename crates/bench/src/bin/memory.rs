//! How much memory the mobile backend uses after 1,000 people have signed in by password, a few of them at
//! once, compared with its memory when it was ready.
//!
//! The service is a process of its own: this program again, with an environment that makes it the service.
//!
//! `ours` is the growth, in megabytes of resident memory, `floor` the memory at first, `ratio` the memory
//! after to the memory before; `p50_ms` and `p99_ms` are how long sign-ins took. The line before has the peak.

use anyhow::{Context, ensure};
use std::{net::SocketAddr, time::Instant};
use tokio::task::JoinSet;
use tryzore_app_api::PROGRAM;
use tryzore_bench::{crowd::Crowd, latency::Latencies, load};
use tryzore_kernel::{Clock, SystemClock};
use tryzore_testkit::{Process, Service, TestTenant};

const SIGN_INS: usize = 1_000;
const AT_ONCE: usize = 8;
const PEOPLE: usize = 200;
const PASSWORD: &str = "correct horse battery staple";
const SERVE: &str = "TRYZORE_BENCH_SERVE";

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]
async fn main() -> anyhow::Result<()> {
    if std::env::var_os(SERVE).is_some() {
        let service = PROGRAM;
        return Ok(service.run().await?);
    }
    let studio = TestTenant::open().await;
    studio.clock.set(SystemClock.now());
    let addresses = Crowd::at(&studio).await?.with_password(PEOPLE, PASSWORD).await?;
    let program = std::env::current_exe()?;
    let program = program.to_str().context("the program's path is no text")?;
    let mut process = Process::start(program, &studio.database, Service::Api, &[(SERVE, "1")]);
    process.ready().await;
    let id = process.id().context("the service has ended")?;
    let server: SocketAddr = process.url().trim_start_matches("http://").parse()?;
    let at_first = megabytes(id, "VmRSS")?;

    let mut callers = JoinSet::new();
    for caller in 0..AT_ONCE {
        let addresses = addresses.clone();
        callers.spawn(async move {
            let mut took = Vec::new();
            for n in 0..SIGN_INS / AT_ONCE {
                let email = &addresses[(n * AT_ONCE + caller) % PEOPLE];
                let body = serde_json::json!({ "email": email, "password": PASSWORD }).to_string();
                let request = format!(
                    "POST /api/v1/auth/login HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let sent = Instant::now();
                load::ask(server, "HTTP/1.1 200", &request).await?;
                took.push(sent.elapsed());
            }
            Ok::<_, anyhow::Error>(took)
        });
    }
    let mut took = Vec::new();
    while let Some(caller) = callers.join_next().await {
        took.extend(caller??);
    }
    ensure!(took.len() == SIGN_INS, "{} sign-ins", took.len());

    let (at_last, at_most) = (megabytes(id, "VmRSS")?, megabytes(id, "VmHWM")?);
    println!("{SIGN_INS} sign-ins: {at_first:.1} MB at first, {at_last:.1} at last, {at_most:.1} at most");
    let took = Latencies::of(took);
    println!(
        "bench=memory ours={:.1} floor={at_first:.1} ratio={:.3} p50_ms={:.2} p99_ms={:.2}",
        at_last - at_first,
        at_last / at_first,
        took.percentile(0.50),
        took.percentile(0.99),
    );
    Ok(())
}

/// The memory of a process according to the kernel, in megabytes.
fn megabytes(process: u32, word: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")).context("the kernel does not say")?;
    Ok(kib.trim().parse::<f64>()? * 1_024.0 / 1e6)
}
