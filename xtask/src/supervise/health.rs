//! Queries whether a service is ready.

use std::fmt;
use std::time::Duration;

/// The answer of `/health/ready`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// 200.
    Ready,
    /// Another status.
    NotReady(u16),
    /// No answer.
    Silent,
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::NotReady(status) => write!(f, "answers {status}"),
            Self::Silent => f.write_str("no answer"),
        }
    }
}

/// Queries the service on a local port, for at most a second.
pub async fn ask(port: u16) -> Health {
    // A proxy in the environment must not be used for the loopback address.
    let Ok(client) = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(1)).build() else {
        return Health::Silent;
    };
    match client.get(format!("http://127.0.0.1:{port}/health/ready")).send().await {
        Ok(answer) if answer.status().is_success() => Health::Ready,
        Ok(answer) => Health::NotReady(answer.status().as_u16()),
        Err(_) => Health::Silent,
    }
}
