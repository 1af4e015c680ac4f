//! What runs beside an API's server: it tells other processes what this one has committed, and hears
//! what they have.
//!
//! One connection listens, for everything; two more are made when there is something to say. None
//! is taken from the pool.

use crate::Mount;
use tokio::task::JoinHandle;
use tryzore_postgres::{
    DatabaseConfig, DatabaseConfigError, Db,
    runtime::{Listener, announce, outbox::STREAM},
    stale::{STALE, announce_stale, follow_stale},
    stream::follow_news,
};

/// What runs beside a server, until it is dropped.
#[derive(Debug)]
pub struct Beside {
    tasks: [JoinHandle<()>; 4],
    // Ends with this value.
    _listener: Listener,
}

impl Beside {
    /// Starts it for `mount`, which works on `db` at `config`.
    ///
    /// # Errors
    /// When `config` does not hold.
    pub fn start(db: &Db, config: &DatabaseConfig, mount: &Mount) -> Result<Self, DatabaseConfigError> {
        let listener = Listener::start(config, &[STALE, STREAM])?;
        let (memory, doubted, told) =
            (mount.sessions().memory().clone(), mount.wakes().clone(), mount.wakes().clone());
        let forget = move |stale| {
            memory.forget(stale);
            doubted.doubt();
        };
        let tasks = [
            announce(db, config)?,
            announce_stale(db, config)?,
            tokio::spawn(follow_stale(listener.on(STALE), forget)),
            tokio::spawn(follow_news(listener.on(STREAM), move |news| told.tell(news))),
        ];
        Ok(Self { tasks, _listener: listener })
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
