//! `cargo xtask <command>`: the developer tool. See `docs/development.md`.

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use xtask::command::{
    AlreadyReported, audit, bench, down, fuzz, journey, logs, reset, schema, sdk, status, test, test_env,
    tidy, up,
};
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
    Bench(bench::Options),
    /// Call every operation of the APIs as their contracts allow, and as they don't
    Fuzz(fuzz::Options),
    /// Run everything that CI runs
    Test(test::Options),
    /// Prepare the database of the tests and print its variables for a shell
    TestEnv,
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
        Command::Journey => journey::run().await,
        Command::Audit(options) => audit::run(&workspace, &options).await,
        Command::Bench(options) => bench::run(&workspace, &options).await,
        Command::Fuzz(options) => fuzz::run(&workspace, options).await,
        Command::Test(options) => test::run(&workspace, &options).await,
        Command::TestEnv => test_env::run(&workspace).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.is::<AlreadyReported>() {
                eprintln!("{error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
