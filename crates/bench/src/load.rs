//! A closed loop of HTTP/1.1 requests, as lean as a benchmark of the server needs it: on the same
//! machine, what the load costs is taken from what it measures.

use crate::latency::Latencies;
use anyhow::{Context, ensure};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// What a load came to.
pub struct Outcome {
    /// Requests a second.
    pub per_second: f64,
    /// How long they took.
    pub latencies: Latencies,
}

/// Sends requests over `connections` to `server` for `span`: request `n` of connection `c` is
/// `request(c, n)`, and anything but `status` is an error.
///
/// # Errors
/// When the server cannot be reached or answers otherwise.
pub async fn closed_loop(
    server: SocketAddr,
    connections: usize,
    span: Duration,
    status: &'static str,
    request: impl Fn(usize, usize) -> String + Clone + Send + 'static,
) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let mut loops = JoinSet::new();
    for connection in 0..connections {
        let request = request.clone();
        loops.spawn(async move {
            let mut stream = TcpStream::connect(server).await?;
            stream.set_nodelay(true)?;
            let (mut latencies, mut buffer) = (Vec::new(), Vec::with_capacity(8_192));
            while started.elapsed() < span {
                let sent = Instant::now();
                stream.write_all(request(connection, latencies.len()).as_bytes()).await?;
                let answer = answer(&mut stream, &mut buffer).await?;
                ensure!(answer.starts_with(status), "unexpected answer: {answer}");
                latencies.push(sent.elapsed());
            }
            anyhow::Ok(latencies)
        });
    }
    let mut all = Vec::new();
    while let Some(latencies) = loops.join_next().await {
        all.extend(latencies??);
    }
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52 requests")]
    let per_second = all.len() as f64 / started.elapsed().as_secs_f64();
    Ok(Outcome { per_second, latencies: Latencies::of(all) })
}

async fn answer<'b>(stream: &mut TcpStream, buffer: &'b mut Vec<u8>) -> anyhow::Result<&'b str> {
    buffer.clear();
    loop {
        ensure!(stream.read_buf(buffer).await? > 0, "the server hung up");
        let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end])?;
        let length: usize = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .context("no content-length")?
            .1
            .trim()
            .parse()?;
        if buffer.len() >= end + 4 + length {
            return Ok(std::str::from_utf8(buffer)?);
        }
    }
}
