//! `cargo xtask fuzz`: calls every operation of both APIs as their contracts allow, and as they don't.
//!
//! Fails when an answer is a server error or unknown to the contract, when an operation accepts what its contract
//! forbids, or when it serves a caller who is not signed in.

use crate::fuzz::{self, RUNS};
use crate::progress::Progress;
use crate::workspace::Workspace;

/// The number of calls that CI has time for.
const EXAMPLES: u32 = 20;

/// The options of `fuzz`.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Calls for each operation and each way of generating them
    #[arg(long, default_value_t = EXAMPLES)]
    pub examples: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { examples: EXAMPLES }
    }
}

/// Runs the command.
pub async fn run(workspace: &Workspace, options: Options) -> anyhow::Result<()> {
    let progress = Progress::default();
    let step = progress.begin("start");
    let trial = fuzz::Trial::set(workspace, &step).await;
    let mut trial = match trial {
        Ok(trial) => trial,
        Err(error) => {
            step.failed("");
            return Err(error);
        }
    };
    step.done("");
    let mut told = Ok(());
    for run in &RUNS {
        let step = progress.begin(run.name);
        match trial.play(run, options.examples, &step).await {
            Ok(detail) => step.done(&detail),
            Err(error) => {
                step.failed("");
                told = Err(error);
                break;
            }
        }
    }
    trial.leave().await;
    told
}
