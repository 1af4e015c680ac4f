//! How long a service takes to verify an access token: its header, key, signature, issuer, audience and times.
//!
//! A request whose token is cached does not do that. `ours` is the median in nanoseconds, `floor` the same of
//! signing a token, `ratio` the floor to ours. Each of the samples is the mean of 100 calls.

use anyhow::Context;
use std::{
    hint::black_box,
    time::{Duration, Instant},
};
use tryzore_auth_http::signing::Signing;
use tryzore_bench::{crowd::Crowd, latency::Latencies};
use tryzore_testkit::{TestTenant, http::auth_settings};

const SAMPLES: usize = 1_000;
const CALLS: u32 = 100;

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]
async fn main() -> anyhow::Result<()> {
    let studio = TestTenant::open().await;
    let tokens = Crowd::at(&studio).await?.clients(1).await?;
    let token = tokens.first().context("no token")?;
    let signing = Signing::open(studio.db.clone(), &auth_settings()).await?;
    let now = studio.now();
    let claims = signing.verify(token, now).await?;
    let (mut verified, mut signed) = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        let began = Instant::now();
        for _ in 0..CALLS {
            black_box(signing.verify(black_box(token), now).await?);
        }
        verified.push(began.elapsed() / CALLS);
        let began = Instant::now();
        for _ in 0..CALLS {
            black_box(signing.sign(black_box(&claims))?);
        }
        signed.push(began.elapsed() / CALLS);
    }
    let (ours, floor) = (median(&mut verified), median(&mut signed));
    let verified = Latencies::of(verified);
    println!(
        "bench=token ours={ours:.0} floor={floor:.0} ratio={:.3} p50_ms={:.5} p99_ms={:.5}",
        floor / ours,
        verified.percentile(0.50),
        verified.percentile(0.99),
    );
    Ok(())
}

/// In nanoseconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1e9)
}
