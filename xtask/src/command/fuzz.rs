//! `cargo xtask fuzz`: calls every operation of both APIs as their contracts allow, and as they don't.
//!
//! Fails when an answer is a server error, or one that the contract does not know, or when an operation
//! takes what its contract forbids, or serves someone who did not sign in.

use crate::fuzz::{self, RUNS};
use crate::progress::Progress;
use crate::workspace::Workspace;

/// What CI has time for.
const EXAMPLES: u32 = 20;

/// What `fuzz` can be told.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Calls made up for each operation and each way of making them up
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
