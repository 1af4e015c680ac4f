//! Speed, as ratios against a floor that is measured in the same run.
//!
//! Each benchmark is a binary, to be built in release. Its last
//! line is `bench=NAME ours=… floor=… ratio=… p50_ms=… p99_ms=…`; a ratio above 1 means that ours
//! is faster.
#![allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]

pub mod latency;
pub mod load;
