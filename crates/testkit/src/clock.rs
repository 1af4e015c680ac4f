//! A clock that only moves when a test moves it.

use chrono::{DateTime, Duration, Utc};
use std::sync::Mutex;
use tryzore_kernel::Clock;

/// A clock that tests can move.
#[derive(Debug)]
pub struct FakeClock(Mutex<DateTime<Utc>>);

impl FakeClock {
    /// A clock that shows `now`.
    #[must_use]
    pub const fn at(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    /// Sets the clock to `now`.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.lock().unwrap() = now;
    }

    /// Moves the clock forward by `span`.
    pub fn pass(&self, span: Duration) {
        *self.0.lock().unwrap() += span;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}
