//! A closed loop of HTTP/1.1 requests with little overhead: on the same machine, the cost of the load is taken
//! from what it measures.

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

/// The parameters of a load.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// The address of the server.
    pub server: SocketAddr,
    /// How many callers, each on its own connection; each sends its next request after an answer.
    pub connections: usize,
    /// How long the load lasts.
    pub span: Duration,
    /// The expected start of every answer: `HTTP/1.1 201`.
    pub status: &'static str,
    /// How many kinds of requests are compared. They alternate on each connection, so that other activity of the
    /// machine affects all alike: request `n` is in lane `n % lanes`.
    pub lanes: usize,
}

/// The result of a load.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Requests per second.
    pub per_second: f64,
    /// The latencies, by lane.
    pub lanes: Vec<Vec<Duration>>,
}

impl Load {
    /// Sends requests: number `n` of connection `c` is `request(c, n)`.
    ///
    /// # Errors
    /// When the server cannot be reached, or an answer is not as expected.
    pub async fn run(
        self,
        request: impl Fn(usize, usize) -> String + Clone + Send + 'static,
    ) -> anyhow::Result<Outcome> {
        let started = Instant::now();
        let mut loops = JoinSet::new();
        for connection in 0..self.connections {
            loops.spawn(self.caller(connection, started, request.clone()));
        }
        let mut lanes = vec![Vec::new(); self.lanes];
        while let Some(latencies) = loops.join_next().await {
            for (n, latency) in latencies??.into_iter().enumerate() {
                lanes[n % self.lanes].push(latency);
            }
        }
        let all: usize = lanes.iter().map(Vec::len).sum();
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52 requests")]
        let per_second = all as f64 / started.elapsed().as_secs_f64();
        Ok(Outcome { per_second, lanes })
    }

    async fn caller(
        self,
        connection: usize,
        started: Instant,
        request: impl Fn(usize, usize) -> String,
    ) -> anyhow::Result<Vec<Duration>> {
        let mut stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        let (mut latencies, mut buffer) = (Vec::new(), Vec::with_capacity(65_536));
        while started.elapsed() < self.span {
            let sent = Instant::now();
            stream.write_all(request(connection, latencies.len()).as_bytes()).await?;
            let answer = answer(&mut stream, &mut buffer).await?;
            ensure!(answer.starts_with(self.status), "expected {}, got {answer}", self.status);
            latencies.push(sent.elapsed());
        }
        Ok(latencies)
    }
}

/// The answer to one of many requests that were sent at once.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The time from the first request to this answer.
    pub after: Duration,
}

/// Sends all of `requests` at once, each on a connection of its own that was opened before.
///
/// # Errors
/// When the server cannot be reached or closes a connection.
pub async fn burst(server: SocketAddr, requests: Vec<String>) -> anyhow::Result<Vec<Answered>> {
    let mut connected = Vec::new();
    for request in requests {
        connected.push((TcpStream::connect(server).await?, request));
    }
    let (started, mut callers) = (Instant::now(), JoinSet::new());
    for (mut stream, request) in connected {
        callers.spawn(async move {
            stream.write_all(request.as_bytes()).await?;
            let mut buffer = Vec::new();
            let answer = answer(&mut stream, &mut buffer).await?;
            let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
            Ok::<_, anyhow::Error>(Answered {
                status: status.context("no status")?,
                after: started.elapsed(),
            })
        });
    }
    let mut all = Vec::new();
    while let Some(answered) = callers.join_next().await {
        all.push(answered??);
    }
    Ok(all)
}

/// Sends one request; returns the body of the answer, which must begin with `status`.
///
/// # Errors
/// As [`Load::run`].
pub async fn ask(server: SocketAddr, status: &str, request: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::new();
    let answer = answer(&mut stream, &mut buffer).await?;
    ensure!(answer.starts_with(status), "expected {status}, got {answer}");
    Ok(answer.split_once("\r\n\r\n").context("no body")?.1.to_owned())
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
        while buffer.len() < end + 4 + length {
            ensure!(stream.read_buf(buffer).await? > 0, "the server hung up");
        }
        return Ok(std::str::from_utf8(buffer)?);
    }
}
