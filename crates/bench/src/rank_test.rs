//! Do two samples come from the same distribution? The Mann-Whitney U test, which assumes no shape of it: times of
//! requests have long tails, which a comparison of means would be decided by.

use std::time::Duration;

/// The two-sided p-value: how probable a difference as great as that of `ours` and `theirs` is if there is none.
/// By the normal approximation, for samples of at least 20.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "far below 2^52 requests")]
pub fn p_value(ours: &[Duration], theirs: &[Duration]) -> f64 {
    let mut all: Vec<(Duration, bool)> = ours.iter().map(|time| (*time, true)).collect();
    all.extend(theirs.iter().map(|time| (*time, false)));
    all.sort_unstable();
    let (mut ranks, mut before) = (0.0, 0);
    // Equal times share the mean of their ranks.
    for equal in all.chunk_by(|one, other| one.0 == other.0) {
        let rank = before as f64 + (equal.len() as f64 + 1.0) / 2.0;
        ranks += rank * equal.iter().filter(|(_, is_ours)| *is_ours).count() as f64;
        before += equal.len();
    }
    let (n, m) = (ours.len() as f64, theirs.len() as f64);
    let u = ranks - n * (n + 1.0) / 2.0;
    let z = (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt();
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// Abramowitz and Stegun, 7.1.26: the error is below 1.5e-7.
fn erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let factors = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    factors.iter().fold(0.0, |sum, factor| (sum + factor) * t) * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(all: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        all.into_iter().map(Duration::from_micros).collect()
    }

    #[test]
    fn the_p_value_of_a_normal_deviate_is_that_of_the_tables() {
        for (z, p) in [(0.0, 1.0), (1.0, 0.317_311), (1.959_964, 0.05), (2.575_829, 0.01), (3.290_527, 0.001)]
        {
            assert!((erfc(z / std::f64::consts::SQRT_2) - p).abs() < 1e-5, "{z}");
        }
    }

    #[test]
    fn the_same_times_do_not_differ_and_others_do() {
        let even = times((0..1_000).map(|n| 2 * n));
        let odd = times((0..1_000).map(|n| 2 * n + 1));
        assert!(p_value(&even, &even) > 0.99 && p_value(&even, &odd) > 0.9);
        // By a tenth of the range.
        let later = times((0..1_000).map(|n| 2 * n + 200));
        assert!(p_value(&even, &later) < 0.01);
        assert!((p_value(&even, &later) - p_value(&later, &even)).abs() < 1e-9, "two-sided");
    }
}
