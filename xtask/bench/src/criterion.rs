//! Reads Criterion's result for a function: `<group>/<function>/new/{estimates,sample}.json`.

use anyhow::{Context, ensure};
use serde::{Deserialize, de::DeserializeOwned};
use std::fmt;
use std::path::Path;

/// How long a call takes, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Timing {
    /// Criterion's estimate of the median.
    pub(super) median: f64,
    /// The sample that 99 of 100 do not exceed; a sample is the mean of many calls.
    pub(super) slow: f64,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// Sample `n` is of `iters[n]` calls that took `times[n]` nanoseconds together.
#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

impl Timing {
    /// Reads the result of the function with this folder.
    pub(super) fn read(function: &Path) -> anyhow::Result<Self> {
        let estimates: Estimates = json(&function.join("new/estimates.json"))?;
        let sample: Sample = json(&function.join("new/sample.json"))?;
        let mut means: Vec<f64> = sample.times.iter().zip(&sample.iters).map(|(time, n)| time / n).collect();
        means.sort_by(f64::total_cmp);
        let (median, rank) = (estimates.median.point_estimate, (means.len() * 99).div_ceil(100));
        let slow = rank.checked_sub(1).and_then(|rank| means.get(rank)).copied().unwrap_or(f64::NAN);
        ensure!(median > 0.0 && slow > 0.0, "Criterion measured nothing in {}", function.display());
        Ok(Self { median, slow })
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ns a call, {:.1} ns in the slowest of 100 samples but one", self.median, self.slow)
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = std::fs::read(path).with_context(|| format!("{} is missing", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not understood", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(estimates: &str, sample: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("new")).unwrap();
        std::fs::write(folder.path().join("new/estimates.json"), estimates).unwrap();
        std::fs::write(folder.path().join("new/sample.json"), sample).unwrap();
        folder
    }

    #[test]
    fn the_median_is_criterions_and_the_slow_one_the_99th_of_a_hundred_samples() {
        let (iters, times): (Vec<f64>, Vec<f64>) = (1..=100).rev().map(|n| (2.0, 2.0 * f64::from(n))).unzip();
        let sample = serde_json::json!({ "sampling_mode": "Linear", "iters": iters, "times": times });
        let folder = function(r#"{"mean":{},"median":{"point_estimate":12.5}}"#, &sample.to_string());
        assert_eq!(Timing::read(folder.path()).unwrap(), Timing { median: 12.5, slow: 99.0 });
    }

    #[test]
    fn a_run_that_measured_nothing_is_an_error() {
        let folder = function(r#"{"median":{"point_estimate":0.0}}"#, r#"{"iters":[],"times":[]}"#);
        assert!(Timing::read(folder.path()).is_err());
        assert!(Timing::read(&folder.path().join("none")).unwrap_err().to_string().contains("is missing"));
    }
}
