//! The last line of a benchmark, and its target.

use anyhow::{Context, bail};
use std::fmt;
use std::str::FromStr;

/// `bench=NAME ours=… floor=… ratio=… p50_ms=… p99_ms=…`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) name: String,
    pub(super) ours: f64,
    pub(super) floor: f64,
    pub(super) ratio: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

impl FromStr for Outcome {
    type Err = anyhow::Error;

    fn from_str(line: &str) -> anyhow::Result<Self> {
        let word = |name: &str| {
            let mut words = line.split_whitespace().filter_map(|word| word.split_once('='));
            let found = words.find(|(key, _)| *key == name).map(|(_, value)| value);
            found.with_context(|| format!("the last line says no `{name}`: {line}"))
        };
        let number = |name: &str| {
            let value: f64 = word(name)?.parse().with_context(|| format!("`{name}` is no number: {line}"))?;
            if !value.is_finite() {
                bail!("`{name}` is no number: {line}");
            }
            Ok(value)
        };
        Ok(Self {
            name: word("bench")?.to_owned(),
            ours: number("ours")?,
            floor: number("floor")?,
            ratio: number("ratio")?,
            p50_ms: number("p50_ms")?,
            p99_ms: number("p99_ms")?,
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, ours, floor, ratio, p50_ms, p99_ms } = self;
        write!(f, "bench={name} ours={ours:.1} floor={floor:.1} ratio={ratio:.3} ")?;
        write!(f, "p50_ms={p50_ms:.7} p99_ms={p99_ms:.7}")
    }
}

/// The target of a benchmark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Target {
    /// The ratio to the floor is at least this number.
    RatioFrom(f64),
    /// The ratio to the floor is at most this number.
    RatioUpTo(f64),
    /// Our own number is less than this.
    OursBelow(f64),
    /// The 99th percentile is at most this many milliseconds.
    SlowestUpTo(f64),
}

impl Target {
    /// Fails if `outcome` misses the target.
    pub(super) fn check(self, outcome: &Outcome) -> anyhow::Result<()> {
        let met = match self {
            Self::RatioFrom(least) => outcome.ratio >= least,
            Self::RatioUpTo(most) => outcome.ratio <= most,
            Self::OursBelow(most) => outcome.ours < most,
            Self::SlowestUpTo(most) => outcome.p99_ms <= most,
        };
        if met { Ok(()) } else { bail!("{} misses its target: {self}", outcome.name) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RatioFrom(least) => write!(f, "ratio at least {least}"),
            Self::RatioUpTo(most) => write!(f, "ratio at most {most}"),
            Self::OursBelow(most) => write!(f, "ours below {most}"),
            Self::SlowestUpTo(most) => write!(f, "p99 at most {most} ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(ours: f64, ratio: f64) -> Outcome {
        Outcome { name: "x".into(), ours, floor: 1.0, ratio, p50_ms: 1.0, p99_ms: 2.0 }
    }

    #[test]
    fn each_target_holds_up_to_its_boundary_and_not_beyond() {
        let met = |target: Target, ours, ratio| target.check(&outcome(ours, ratio)).is_ok();
        assert!(met(Target::RatioFrom(1.0), 0.0, 1.0) && !met(Target::RatioFrom(1.0), 0.0, 0.999));
        assert!(met(Target::RatioUpTo(1.5), 0.0, 1.5) && !met(Target::RatioUpTo(1.5), 0.0, 1.501));
        assert!(met(Target::OursBelow(100.0), 99.9, 0.0) && !met(Target::OursBelow(100.0), 100.0, 9.0));
        // The outcome's is 2.
        assert!(met(Target::SlowestUpTo(2.0), 0.0, 0.0) && !met(Target::SlowestUpTo(1.999), 0.0, 0.0));
    }

    #[test]
    fn a_line_is_read_back_and_one_without_a_number_is_none() {
        let line = "bench=booking ours=2840 floor=2110 ratio=1.346 p50_ms=10.51 p99_ms=25.00";
        let read: Outcome = line.parse().unwrap();
        assert_eq!((&*read.name, read.ours, read.floor, read.ratio), ("booking", 2840.0, 2110.0, 1.346));
        assert_eq!((read.p50_ms, read.p99_ms), (10.51, 25.0));
        assert_eq!(read.to_string().parse::<Outcome>().unwrap(), read);
        for wrong in
            ["", "bench=booking ours=2840", &line.replace("1.346", "NaN"), &line.replace("2110", "-")]
        {
            assert!(wrong.parse::<Outcome>().is_err(), "{wrong}");
        }
    }
}
