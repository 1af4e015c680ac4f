//! The program behind `cargo xtask journey`.

use clap::Parser;
use std::process::ExitCode;
use xtask::command::ended;
use xtask_journey::Options;

#[tokio::main]
async fn main() -> ExitCode {
    ended(xtask_journey::run(Options::parse().addresses()).await)
}
