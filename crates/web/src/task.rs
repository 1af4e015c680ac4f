//! Tasks that end with their owner.

use tokio::task::JoinHandle;

/// A task that is aborted when this value is dropped.
#[derive(Debug)]
pub(crate) struct Task(pub(crate) JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
