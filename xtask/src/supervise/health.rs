//! Asking a service whether it is ready.

use std::fmt;
use std::time::Duration;

/// What `/health/ready` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// 200.
    Ready,
    /// Another status.
    NotReady(u16),
    /// Nobody answers.
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

/// Asks the service on a local port, for at most a second.
pub async fn ask(port: u16) -> Health {
    // A proxy of the environment is for the outside, not for the loopback address.
    let Ok(client) = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(1)).build() else {
        return Health::Silent;
    };
    match client.get(format!("http://127.0.0.1:{port}/health/ready")).send().await {
        Ok(answer) if answer.status().is_success() => Health::Ready,
        Ok(answer) => Health::NotReady(answer.status().as_u16()),
        Err(_) => Health::Silent,
    }
}
