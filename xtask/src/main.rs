//! `cargo xtask <command>`: the developer tool. See `docs/development.md`.

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;
use xtask::command::{audit, down, ended, fuzz, logs, reset, schema, sdk, status, test, test_env, tidy, up};
use xtask::program;
use xtask::workspace::Workspace;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "The developer tool", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything on this machine: Postgres, schema, demo, services
    Up(up::Options),
    /// Stop everything; data are kept
    Down,
    /// Stop everything and drop its data
    Reset(reset::Options),
    /// Show what runs, where, since when
    Status,
    /// Show the logs of the services
    Logs(logs::Options),
    /// Check the rules of the project that no compiler checks
    Tidy(tidy::Options),
    /// Generate Diesel's tables from the migrations
    Schema,
    /// Generate the types of the TypeScript client from the contracts
    Sdk,
    /// Drive the running services through the product's story
    Journey,
    /// Recompute the seals of the audit trail
    Audit(audit::Options),
    /// Measure speed against a floor or rivals; without a name, list the benchmarks
    #[command(disable_help_flag = true)]
    Bench(Passed),
    /// Call every operation of the APIs as their contracts allow, and as they don't
    Fuzz(fuzz::Options),
    /// Run everything that CI runs
    Test(test::Options),
    /// Prepare the database of the tests and print its variables for a shell
    TestEnv,
}

/// Arguments that a program of the tool reads, also `--help`.
#[derive(clap::Args)]
struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let workspace = Workspace::here();
    let result = match Arguments::parse().command {
        Command::Up(options) => up::run(&workspace, options).await,
        Command::Down => down::run(&workspace).await,
        Command::Reset(options) => reset::run(&workspace, options).await,
        Command::Status => status::run(&workspace).await,
        Command::Logs(options) => logs::run(&workspace, &options),
        Command::Tidy(options) => tidy::run(&workspace, &options).await,
        Command::Schema => schema::run(&workspace).await,
        Command::Sdk => sdk::run(&workspace).await,
        Command::Journey => program::run(&workspace, program::JOURNEY, [""; 0]).await,
        Command::Audit(options) => audit::run(&workspace, &options).await,
        Command::Bench(passed) => program::run(&workspace, program::BENCH, passed.arguments).await,
        Command::Fuzz(options) => fuzz::run(&workspace, options).await,
        Command::Test(options) => test::run(&workspace, &options).await,
        Command::TestEnv => test_env::run(&workspace).await,
    };
    ended(result)
}
