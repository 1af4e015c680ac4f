//! Time comes from outside: a use case is told what time it is.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::Arc;

/// Tells the time. Services hold one; tests hold one that they can move.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, to the microsecond that the database keeps.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }
}
