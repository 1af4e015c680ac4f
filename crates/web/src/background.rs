//! What runs beside an API's server: it tells other processes what this one has committed, and hears
//! what they have.
//!
//! One connection listens, for everything; two more are made when there is something to say. None
//! is taken from the pool.

use crate::Mount;
use tokio::task::JoinHandle;
use tryzore_postgres::{
    DatabaseConfig, DatabaseConfigError, Db,
    invalidation::{INVALIDATIONS, announce_invalidations, follow_invalidations},
    runtime::{Listener, announce, outbox::STREAM},
    stream::follow_news,
};

/// What runs beside a server, until it is dropped.
#[derive(Debug)]
pub struct Background {
    tasks: [JoinHandle<()>; 4],
    // Ends with this value.
    _listener: Listener,
}

impl Background {
    /// Starts it for `mount`, which works on `db` at `config`.
    ///
    /// # Errors
    /// When `config` does not hold.
    pub fn start(db: &Db, config: &DatabaseConfig, mount: &Mount) -> Result<Self, DatabaseConfigError> {
        let listener = Listener::start(config, &[INVALIDATIONS, STREAM])?;
        let (memory, rechecked, told) =
            (mount.sessions().memory().clone(), mount.signals().clone(), mount.signals().clone());
        let forget = move |invalidation| {
            memory.forget(invalidation);
            rechecked.recheck();
        };
        let tasks = [
            announce(db, config)?,
            announce_invalidations(db, config)?,
            tokio::spawn(follow_invalidations(listener.on(INVALIDATIONS), forget)),
            tokio::spawn(follow_news(listener.on(STREAM), move |news| told.tell(news))),
        ];
        Ok(Self { tasks, _listener: listener })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
