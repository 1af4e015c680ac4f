//! The latencies of a run.

use std::time::Duration;

/// The latencies, sorted.
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// The latencies of these requests.
    #[must_use]
    pub fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    /// The milliseconds that `share` of the requests took at most.
    #[must_use]
    pub fn percentile(&self, share: f64) -> f64 {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rank"
        )]
        let rank = ((self.0.len() as f64 * share) as usize).min(self.0.len().saturating_sub(1));
        self.0.get(rank).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1_000.0)
    }
}
