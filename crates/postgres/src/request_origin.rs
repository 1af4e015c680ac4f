//! From where a request was sent, for the audit trail (CMP-03).
//!
//! It is the same for every transaction of a request, whichever door that goes through and whether or
//! not anyone is signed in yet. So the service says it once, around the request, and the journal asks
//! when it has a line to write: a request that writes none pays nothing for it. Jobs have no sender.

use std::net::IpAddr;

tokio::task_local! {
    static REQUEST_ORIGIN: RequestOrigin;
}

/// From where a request was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestOrigin {
    /// The address of the caller.
    pub ip_address: Option<IpAddr>,
    /// What the caller says it is, as short as the caller's service cuts it.
    pub user_agent: Option<String>,
}

impl RequestOrigin {
    /// Does `work` as sent from here. A task that `work` spawns is not part of it.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        REQUEST_ORIGIN.scope(self, work).await
    }

    /// The sender of the request that runs; nothing is known of one outside a request.
    pub(crate) fn current() -> Self {
        REQUEST_ORIGIN.try_with(Self::clone).unwrap_or_default()
    }
}
