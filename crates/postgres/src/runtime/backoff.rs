//! How long to wait before work that failed is tried again.

use chrono::TimeDelta;

/// Exponential backoff with a cap and full jitter: a random share of `base * 2^(attempt - 1)` or of the
/// cap. The jitter keeps a thousand jobs that failed together from failing together again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first failure.
    pub base: TimeDelta,
    /// The longest wait after any failure.
    pub cap: TimeDelta,
}

impl Default for Backoff {
    /// Two seconds, doubled up to an hour: twelve attempts take about an hour and a half.
    fn default() -> Self {
        Self { base: TimeDelta::seconds(2), cap: TimeDelta::hours(1) }
    }
}

impl Backoff {
    /// The longest wait after `attempt` (1 for the first) has failed.
    #[must_use]
    pub fn ceiling(self, attempt: u32) -> TimeDelta {
        let doubled = 1_i32.checked_shl(attempt.saturating_sub(1)).filter(|factor| *factor > 0);
        doubled.and_then(|factor| self.base.checked_mul(factor)).map_or(self.cap, |wait| wait.min(self.cap))
    }

    /// The wait after `attempt` has failed; `random` is uniform over all of its values.
    #[must_use]
    pub fn wait(self, attempt: u32, random: u32) -> TimeDelta {
        let ceiling = self.ceiling(attempt).num_milliseconds();
        let share = i128::from(ceiling) * i128::from(random) / i128::from(u32::MAX);
        TimeDelta::milliseconds(i64::try_from(share).unwrap_or(ceiling))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_the_cap() {
        let backoff = Backoff::default();
        let seconds = |attempt| backoff.ceiling(attempt).num_seconds();
        assert_eq!(
            [1, 2, 3, 11, 12, 31, 32, 33, u32::MAX].map(seconds),
            [2, 4, 8, 2048, 3600, 3600, 3600, 3600, 3600]
        );
    }

    #[test]
    fn the_jitter_is_full() {
        let backoff = Backoff::default();
        for attempt in 1..40 {
            assert_eq!(backoff.wait(attempt, 0), TimeDelta::zero());
            assert_eq!(backoff.wait(attempt, u32::MAX), backoff.ceiling(attempt));
            let half = backoff.wait(attempt, u32::MAX / 2) * 2;
            assert!((backoff.ceiling(attempt) - half).num_milliseconds().abs() <= 2);
        }
    }
}
