//! Speed, as ratios against a floor that is measured in the same run.
//!
//! `cargo xtask bench NAME` builds and runs them. Each prints as its last line
//! `bench=NAME ours=… floor=… ratio=… p50_ms=… p99_ms=…`; each program explains its numbers, and
//! `cargo xtask bench` has their targets.
//!
//! - [`load`]: requests over HTTP, all of which must be answered as expected. [`latency`]: how long they took.
//! - [`crowd`]: signed-in users who send them.
//! - [`rank_test`]: whether two samples of times differ.
//! - [`floor`]: the bare transaction of a booking, by pgbench.
#![allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]

pub mod crowd;
pub mod floor;
pub mod latency;
pub mod load;
pub mod rank_test;
