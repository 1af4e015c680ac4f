//! The shared clock: the machine's clock, moved by an offset. Time passes at its usual pace; a test of "three
//! days later" moves the clock instead of waiting.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::atomic::{AtomicI64, Ordering};
use tryzore_kernel::{Clock, SystemClock};

/// How far the clock may be moved, either way, in microseconds: 100 years of 365.25 days.
const FARTHEST: i64 = 100 * 31_557_600_000_000;

/// The time is farther than 100 years from the machine's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock can be moved by at most 100 years")]
pub(crate) struct OutOfRange;

/// A clock with an offset, stored in microseconds like the times of the product.
#[derive(Debug, Default)]
pub(crate) struct MovableClock(AtomicI64);

impl MovableClock {
    /// How far the clock is ahead of the machine's clock; negative when behind.
    pub(crate) fn offset(&self) -> TimeDelta {
        TimeDelta::microseconds(self.0.load(Ordering::SeqCst))
    }

    /// Sets the offset.
    pub(crate) fn set_offset(&self, offset: TimeDelta) -> Result<(), OutOfRange> {
        self.change(|_| offset.num_microseconds())
    }

    /// Moves the clock forward, or back when negative.
    pub(crate) fn advance(&self, by: TimeDelta) -> Result<(), OutOfRange> {
        self.change(|offset| offset.checked_add(by.num_microseconds()?))
    }

    /// Sets the clock to `moment`.
    pub(crate) fn show(&self, moment: DateTime<Utc>) -> Result<(), OutOfRange> {
        self.set_offset(moment - SystemClock.now())
    }

    fn change(&self, to: impl Fn(i64) -> Option<i64>) -> Result<(), OutOfRange> {
        let near = |micros: &i64| (-FARTHEST..=FARTHEST).contains(micros);
        let changed = self.0.try_update(Ordering::SeqCst, Ordering::SeqCst, |offset| to(offset).filter(near));
        changed.map(|_| ()).map_err(|_| OutOfRange)
    }
}

impl Clock for MovableClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + self.offset()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_on_and_back_and_to_a_moment() {
        let clock = MovableClock::default();
        clock.set_offset(TimeDelta::days(1)).unwrap();
        clock.advance(TimeDelta::hours(-1)).unwrap();
        assert_eq!(clock.offset(), TimeDelta::hours(23));
        let moment = "2030-01-01T00:00:00Z".parse().unwrap();
        clock.show(moment).unwrap();
        let late = clock.now() - moment;
        assert!(late >= TimeDelta::zero() && late < TimeDelta::seconds(10), "{late}");
    }

    #[test]
    fn goes_a_hundred_years_and_no_further() {
        let (clock, farthest) = (MovableClock::default(), TimeDelta::microseconds(FARTHEST));
        assert_eq!(clock.set_offset(farthest), Ok(()));
        assert_eq!(clock.advance(TimeDelta::microseconds(1)), Err(OutOfRange));
        assert_eq!(clock.offset(), farthest);
        assert_eq!(clock.set_offset(-farthest), Ok(()));
        assert_eq!(clock.advance(TimeDelta::microseconds(-1)), Err(OutOfRange));
        assert_eq!(clock.advance(TimeDelta::MIN), Err(OutOfRange));
        assert_eq!(clock.show(DateTime::<Utc>::MAX_UTC), Err(OutOfRange));
    }
}
