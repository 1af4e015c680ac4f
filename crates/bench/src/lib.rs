//! Speed, as ratios against a floor that is measured in the same run.
//!
//! `cargo xtask bench NAME` builds and runs them. Each prints as its last line
//! `bench=NAME ours=… floor=… ratio=… p50_ms=… p99_ms=…`; what the numbers are of is said in each
//! program, and what they must be in `cargo xtask bench`.
//!
//! - [`load`]: requests over HTTP, all of which must be answered as they should. [`latency`]: how long
//!   they took.
//! - [`crowd`]: people with real sessions, who send them.
//! - [`floor`]: the transaction of a booking without any of it, by pgbench.
#![allow(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]

pub mod crowd;
pub mod floor;
pub mod latency;
pub mod load;
