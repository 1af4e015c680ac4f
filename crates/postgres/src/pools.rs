//! Pools of connections.
//!
//! The answers of the database arrive on the thread that opened the connection. A server whose threads
//! each run requests of their own gives each its share of the connections: otherwise every second
//! answer is passed from thread to thread, at four system calls a round trip.

use crate::{DatabaseConfig, DatabaseConfigError, connector::Connector};
use deadpool::managed::BuildError;
use diesel_async::{
    AsyncPgConnection,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool::Pool},
};
use futures::FutureExt;
use std::time::Duration;

/// Opens pools for one database.
pub(crate) struct Pools {
    connector: Connector,
    url: String,
    /// How long to wait for a connection, or in the queue of an object.
    pub(crate) wait: Duration,
    /// Connections of the whole service.
    pub(crate) size: usize,
}

impl Pools {
    pub(crate) fn new(config: &DatabaseConfig) -> Result<Self, DatabaseConfigError> {
        Ok(Self {
            connector: Connector::new(config)?,
            url: config.url.clone(),
            wait: Duration::from_millis(config.pool_wait_ms),
            size: config.pool_size,
        })
    }

    /// Opens a pool of `size` connections, which connect when they are needed.
    pub(crate) fn open(&self, size: usize) -> Result<Pool<AsyncPgConnection>, BuildError> {
        let mut manager = ManagerConfig::default();
        // A dead connection is detected by its next use, which answers 503 and clears the pool: cheaper
        // than a round trip at every checkout.
        manager.recycling_method = RecyclingMethod::Fast;
        let connector = self.connector.clone();
        manager.custom_setup = Box::new(move |_| {
            let connector = connector.clone();
            async move { connector.open().await }.boxed()
        });
        Pool::builder(AsyncDieselConnectionManager::new_with_config(&self.url, manager))
            .max_size(size)
            .wait_timeout(Some(self.wait))
            .create_timeout(Some(self.wait))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
    }
}
