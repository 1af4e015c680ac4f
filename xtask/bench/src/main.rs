//! The program behind `cargo xtask bench`.

use clap::Parser;
use std::process::ExitCode;
use xtask::{command::ended, workspace::Workspace};
use xtask_bench::Options;

#[tokio::main]
async fn main() -> ExitCode {
    ended(xtask_bench::run(&Workspace::here(), &Options::parse()).await)
}
