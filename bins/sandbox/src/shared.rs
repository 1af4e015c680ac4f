//! What all providers share: one clock that can be moved, switches for failures on demand, and a
//! pulse that beats whenever something changed, so that tests and the page await instead of
//! sleeping and asking again.

mod clock;
mod switches;

pub(crate) use clock::{MovableClock, OutOfRange};
pub(crate) use switches::{Switch, Switches, TooManySwitches};

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tryzore_kernel::Clock;

/// The ground that the providers stand on.
pub(crate) struct Shared {
    /// The clock of everything in here.
    pub(crate) clock: MovableClock,
    /// Cancelled when the sandbox stops: whoever waits for something stops waiting.
    pub(crate) closing: CancellationToken,
    /// Listeners and conversations of the providers: they are given a moment to end.
    pub(crate) tasks: TaskTracker,
    /// Beats whenever something changed.
    pub(crate) pulse: Pulse,
}

/// Tells whoever waits for something, or looks at it, that something changed.
#[derive(Debug, Clone)]
pub(crate) struct Pulse(watch::Sender<u64>);

impl Pulse {
    /// One that never beat.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Something changed.
    pub(crate) fn beat(&self) {
        self.0.send_modify(|beats| *beats += 1);
    }

    /// Tells of every change from now on; beats in quick succession may come as one.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

impl Shared {
    /// An open shared state whose clock shows the time of the machine.
    pub(crate) fn new() -> Self {
        Self {
            clock: MovableClock::default(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
            pulse: Pulse::new(),
        }
    }

    /// the shared state's present moment.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
