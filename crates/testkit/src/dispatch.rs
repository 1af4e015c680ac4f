//! The dispatcher of a worker, for tests of what depends on the positions of events.
//!
//! A dispatcher processes all tenants, so it needs a separate database.

use crate::{Service, TestTenant};
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tryzore_postgres::{
    DatabaseConfig,
    runtime::{
        Dispatcher, Listener, Program,
        listen::{OUTBOX, Wire},
    },
};

static PROGRAM: Program<()> = Program { tasks: &[], subscriptions: Vec::new(), schedules: &[] };

/// A dispatcher that runs until it is dropped.
pub struct Dispatch {
    task: JoinHandle<()>,
    _listener: Listener,
}

impl Dispatch {
    /// Starts a dispatcher for the database of `studio`.
    ///
    /// # Panics
    /// When the settings of the database are not valid.
    #[must_use]
    pub fn start(studio: &TestTenant) -> Self {
        let config = DatabaseConfig::new(studio.database.url(Service::Work));
        let db = studio.database.as_service(Service::Work, studio.clock.clone());
        let listener = Listener::start(&config, &[OUTBOX]).unwrap();
        let dispatcher = Dispatcher::new(db, &PROGRAM, Wire::new(&config).unwrap(), Arc::default());
        let task = tokio::spawn(dispatcher.run(listener.on(OUTBOX), CancellationToken::new()));
        Self { task, _listener: listener }
    }
}

impl Drop for Dispatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}
