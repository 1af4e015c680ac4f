//! The part of a worker that gives events their positions, for tests of what follows them.
//!
//! It looks over all tenants, so it belongs to a database of the test's own.

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

static PROGRAM: Program<()> = Program { tasks: &[], subscriptions: &[], schedules: &[] };

/// A dispatcher that runs until it is dropped.
pub struct Dispatch {
    task: JoinHandle<()>,
    _listener: Listener,
}

impl Dispatch {
    /// Starts one for the database of `studio`.
    ///
    /// # Panics
    /// When the database's settings do not hold.
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
