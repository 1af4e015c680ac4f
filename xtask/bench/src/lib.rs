//! `cargo xtask bench NAME`: speed, against a floor or rivals that are measured in the same run.
//!
//! Builds in release, starts a Postgres of its own whose commits are durable, measures, stops it. The
//! last line is `bench=NAME ours=… floor=… ratio=… p50_ms=… p99_ms=…`; the command fails when that
//! misses the [`Target`]. [`BENCHES`] is the table: a new one is a line there and a program of the
//! bench crate.

mod criterion;
mod outcome;

use anyhow::{Context, bail, ensure};
use criterion::Timing;
use outcome::{Outcome, Target};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use xtask::{
    cluster::Flavour,
    command::test_env,
    progress::Progress,
    say,
    steps::{cargo, run as run_logged},
    workspace::Workspace,
};

/// The options of `bench`.
#[derive(Debug, Clone, clap::Parser)]
#[command(bin_name = "cargo xtask bench", about = "Measure speed against a floor or rivals")]
pub struct Options {
    /// The benchmark; without a name they are listed
    #[arg(value_parser = BENCHES.map(|bench| bench.name))]
    pub name: Option<String>,
    /// For how long to measure, where there is a service to load
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u64).range(7..=60))]
    pub seconds: u64,
    /// How many connections to the database the service has, while bookings are measured
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=64))]
    pub pool: u64,
    /// Cargo's profile of the build: another than `release` is built sooner and measures less
    #[arg(long, default_value = "release")]
    pub profile: String,
}

/// A benchmark.
#[derive(Debug, Clone, Copy)]
struct Bench {
    name: &'static str,
    purpose: &'static str,
    target: Target,
    kind: Kind,
}

/// Where the code of a benchmark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A program of the bench crate, of the same name, that loads a service.
    Service,
    /// A bench of the bench crate, of the same name, of one function and its rivals.
    Function { ours: &'static str, rivals: &'static [&'static str] },
}

const BENCHES: [Bench; 7] = [
    Bench {
        name: "booking",
        purpose: "bookings a second over HTTP, to pgbench with the same transaction in eight statements",
        target: Target::RatioFrom(1.0),
        kind: Kind::Service,
    },
    Bench {
        name: "schedule",
        purpose: "a page of the schedule over HTTP among 10,000 classes, to one among 100",
        target: Target::RatioUpTo(1.5),
        kind: Kind::Service,
    },
    Bench {
        name: "opening",
        purpose: "1,000 clients book a class of 100 spots at once, to pgbench with a single UPDATE; a neighbour beside",
        target: Target::SlowestUpTo(3_000.0),
        kind: Kind::Service,
    },
    Bench {
        name: "memory",
        purpose: "megabytes that a service has grown by after 1,000 sign-ins, beside what it held at first",
        target: Target::OursBelow(60.0),
        kind: Kind::Service,
    },
    Bench {
        name: "permission",
        purpose: "nanoseconds of a permission check, to the faster of cedar-policy and casbin",
        target: Target::OursBelow(100.0),
        kind: Kind::Function { ours: "tryzore", rivals: &["cedar-policy", "casbin"] },
    },
    Bench {
        name: "token",
        purpose: "nanoseconds to verify an access token, beside those to sign one",
        target: Target::OursBelow(20_000.0),
        kind: Kind::Service,
    },
    Bench {
        name: "enumeration",
        purpose: "how probable the times of 1,000 known and 1,000 unknown addresses are if they do not differ, to 0.01",
        target: Target::RatioFrom(1.0),
        kind: Kind::Service,
    },
];

/// Runs the command.
pub async fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let Some(name) = &options.name else {
        for Bench { name, purpose, target, .. } in BENCHES {
            say!("{name:<12} {purpose}: {target}");
        }
        return Ok(());
    };
    let bench = BENCHES.iter().find(|bench| bench.name == name).context("no such benchmark")?;
    let outcome = match bench.kind {
        Kind::Service => service(workspace, bench.name, options).await?,
        Kind::Function { ours, rivals } => function(workspace, bench.name, ours, rivals).await?,
    };
    bench.target.check(&outcome)
}

/// Builds the program and runs it on a database of its own.
async fn service(workspace: &Workspace, name: &str, options: &Options) -> anyhow::Result<Outcome> {
    let progress = Progress::default();
    let step = progress.begin("build");
    let mut build = cargo(workspace);
    build.args(["build", "--profile", &options.profile, "--package", "tryzore-bench", "--bin", name]);
    run_logged(build, &workspace.step_logs().join("bench-build.log"), &step).await?;
    step.done("");

    let step = progress.begin("database");
    let cluster = test_env::prepare_as(workspace, Flavour::Bench, &step).await?;
    let variables = test_env::variables(&cluster).await?;
    step.done(&cluster.address());
    let mut program = Command::new(workspace.programs_of(&options.profile).join(name));
    program.args([options.seconds, options.pool].map(|number| number.to_string()));
    program.envs(variables).env_remove("DATABASE_URL");
    let measured = told(program);
    // Also after a failure: an idle server would take time from the next measurement.
    cluster.database_drop(&test_env::run_database()).await?;
    cluster.stop().await?;
    measured?.parse()
}

/// Prints what a program prints, line by line; returns the last line.
fn told(mut program: Command) -> anyhow::Result<String> {
    let mut child = program.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().context("no output")?;
    let mut last = String::new();
    for line in BufReader::new(output).lines() {
        last = line?;
        say!("{last}");
    }
    let status = child.wait()?;
    ensure!(status.success(), "the benchmark ended with {status}");
    Ok(last)
}

/// Runs Criterion and reads its result. There are no requests whose times could be ranked: Criterion's samples,
/// each the mean of many calls, are used instead.
async fn function(workspace: &Workspace, name: &str, ours: &str, rivals: &[&str]) -> anyhow::Result<Outcome> {
    let folder = workspace.target().join("criterion");
    let found = folder.join(name);
    if found.exists() {
        // The result of an earlier run must not be read as this one's.
        std::fs::remove_dir_all(&found)?;
    }
    let step = Progress::default().begin("build, measure");
    let mut command = cargo(workspace);
    command.args(["bench", "--package", "tryzore-bench", "--bench", name]);
    // Only the rivals: the programs that load a service take minutes.
    command.args(["--no-default-features", "--features", "rivals"]);
    command.env("CRITERION_HOME", &folder);
    run_logged(command, &workspace.step_logs().join("bench-criterion.log"), &step).await?;
    step.done("");

    let our = Timing::read(&found.join(ours))?;
    say!("{ours}: {our}");
    let mut floor = f64::INFINITY;
    for rival in rivals {
        let timing = Timing::read(&found.join(rival))?;
        say!("{rival}: {timing}");
        floor = floor.min(timing.median);
    }
    if !floor.is_finite() {
        bail!("{name} has no rivals");
    }
    let outcome = Outcome {
        name: name.to_owned(),
        ours: our.median,
        floor,
        ratio: floor / our.median,
        p50_ms: our.median / 1e6,
        p99_ms: our.slow / 1e6,
    };
    say!("{outcome}");
    Ok(outcome)
}
