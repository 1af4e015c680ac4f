//! One file per command.

pub mod audit;
pub mod down;
pub mod fuzz;
pub mod logs;
pub mod reset;
pub mod schema;
pub mod sdk;
pub mod status;
pub mod test;
pub mod test_env;
pub mod tidy;
pub mod up;

use crate::cluster::{Flavour, Home};
use crate::supervise::Supervisor;
use crate::workspace::Workspace;
use std::process::ExitCode;
use thiserror::Error;

/// The supervisor of a checkout's services.
fn supervisor(workspace: &Workspace) -> Supervisor {
    Supervisor::new(workspace.run(), workspace.logs())
}

/// The home of a checkout's private cluster, whether it exists or not.
fn home(workspace: &Workspace, flavour: Flavour) -> anyhow::Result<Home> {
    Home::place(&flavour.folder(workspace))
}

/// A failure that has been reported already, so that the last line is the command's own.
#[derive(Debug, Error)]
#[error("failed")]
pub struct AlreadyReported;

/// Prints the error of a command, if it has not been reported; the exit code of the program.
#[must_use]
pub fn ended(result: anyhow::Result<()>) -> ExitCode {
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
