//! The state that all providers share: one clock that can be moved, switches for failures on demand, and a
//! signal for changes, so that tests and the page can wait instead of polling.

mod clock;
mod switches;

pub(crate) use clock::{MovableClock, OutOfRange};
pub(crate) use switches::{Switch, Switches, TooManySwitches};

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tryzore_kernel::Clock;

/// The shared state of the providers.
pub(crate) struct Shared {
    /// The clock of the sandbox.
    pub(crate) clock: MovableClock,
    /// Cancelled when the sandbox stops, to end all waiting.
    pub(crate) closing: CancellationToken,
    /// Listeners and conversations of the providers: they get a moment to end.
    pub(crate) tasks: TaskTracker,
    /// The signal for changes.
    pub(crate) changes: ChangeSignal,
}

/// Signals changes to tests and to the page.
#[derive(Debug, Clone)]
pub(crate) struct ChangeSignal(watch::Sender<u64>);

impl ChangeSignal {
    /// A signal without any change yet.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Signals a change.
    pub(crate) fn notify(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Receives every change from now on; changes in quick succession may come as one.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

impl Shared {
    /// A shared state whose clock shows the time of the machine.
    pub(crate) fn new() -> Self {
        Self {
            clock: MovableClock::default(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
            changes: ChangeSignal::new(),
        }
    }

    /// The time of the shared clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
