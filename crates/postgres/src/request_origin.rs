//! From where a request was sent, for the audit trail (CMP-03).
//!
//! The origin is the same for every transaction of a request, whatever its scope and whether or not
//! anyone is signed in yet. So the service sets it once, around the request, and the journal reads it when
//! it writes an audit entry: a request without audit entries pays nothing for it. Jobs have no origin.

use std::net::IpAddr;

tokio::task_local! {
    static REQUEST_ORIGIN: RequestOrigin;
}

/// From where a request was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestOrigin {
    /// The address of the caller.
    pub ip_address: Option<IpAddr>,
    /// The `User-Agent` header, shortened by the service.
    pub user_agent: Option<String>,
}

impl RequestOrigin {
    /// Runs `work` with this origin. A task that `work` spawns does not have it.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        REQUEST_ORIGIN.scope(self, work).await
    }

    /// The origin of the current request; empty outside a request.
    #[must_use]
    pub fn current() -> Self {
        REQUEST_ORIGIN.try_with(Self::clone).unwrap_or_default()
    }
}
