//! The developer tool: everything that is done to this workspace rather than in it.
//!
//! - [`command`]: one file a command.
//! - [`cluster`]: a private Postgres for development and one for tests.
//! - [`supervise`]: the services as child processes.
//! - [`tidy`]: the rules of the house that no compiler checks.
//! - [`journey`] and [`fuzz`]: the running services as people use them, and as nobody would.
//! - [`stage`]: services of a test's own.
//! - [`operations`]: the list of operation ids, compared with the contracts.
//! - [`steps`]: the programs of the workspace that are called.
//!
//! **Invariant:** the tool depends on no other crate of the workspace, so it runs when those don't compile.

pub mod cluster;
pub mod command;
pub mod fuzz;
pub mod journey;
pub mod operations;
pub mod process;
pub mod progress;
pub mod schema;
pub mod stage;
pub mod steps;
pub mod supervise;
pub mod tidy;
pub mod workspace;
