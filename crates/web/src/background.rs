//! Background tasks of an API: they notify other processes of the commits of this process, and receive
//! their notifications.
//!
//! One connection listens on all channels; two more are opened when there is something to send. None
//! is taken from the pool.

use crate::Mount;
use tokio::task::JoinHandle;
use tryzore_postgres::{
    DatabaseConfig, DatabaseConfigError, Db,
    invalidation::{INVALIDATIONS, announce_invalidations, follow_invalidations},
    runtime::{Listener, announce, outbox::STREAM},
    stream::follow_news,
};

/// The background tasks of a server; they end when it is dropped.
#[derive(Debug)]
pub struct Background {
    tasks: [JoinHandle<()>; 4],
    // Stops listening when it is dropped.
    _listener: Listener,
}

impl Background {
    /// Starts the background tasks of `mount`, which works on `db` at `config`.
    ///
    /// # Errors
    /// When `config` is not valid.
    pub fn start(db: &Db, config: &DatabaseConfig, mount: &Mount) -> Result<Self, DatabaseConfigError> {
        let listener = Listener::start(config, &[INVALIDATIONS, STREAM])?;
        let (cache, session_signals, news_signals) =
            (mount.sessions().cache().clone(), mount.signals().clone(), mount.signals().clone());
        let invalidate = move |invalidation| {
            cache.invalidate(invalidation);
            session_signals.recheck();
        };
        let tasks = [
            announce(db, config)?,
            announce_invalidations(db, config)?,
            tokio::spawn(follow_invalidations(listener.on(INVALIDATIONS), invalidate)),
            tokio::spawn(follow_news(listener.on(STREAM), move |news| news_signals.send(news))),
        ];
        Ok(Self { tasks, _listener: listener })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
