//! Time is an input: a use case receives the current time from its caller.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::Arc;

/// A source of the current time. Services use [`SystemClock`]; tests use a clock that they can move.
pub trait Clock: Send + Sync + 'static {
    /// The current time, to the microsecond that the database stores.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the operating system.
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
