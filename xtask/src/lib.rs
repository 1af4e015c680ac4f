//! The developer tool: commands for work on this workspace.
//!
//! - [`command`]: one file per command.
//! - [`cluster`]: a private Postgres for development and one for tests.
//! - [`supervise`]: the services as child processes.
//! - [`tidy`]: the rules of the project that no compiler checks.
//! - [`fuzz`]: random calls to the running services. [`caller`]: a caller of the services.
//! - [`program`]: the commands that are crates of their own: the product's story (`xtask/journey`) and the
//!   benchmarks (`xtask/bench`).
//! - [`stage`]: services for one test run.
//! - [`plug_and_play`]: another company's workspace on our crates.
//! - [`operations`]: the list of operation ids, compared with the contracts.
//! - [`denials`]: the catalogue of denials, compared with the sources and the contracts.
//! - [`steps`]: the programs of the workspace that are called.
//!
//! **Invariant:** the tool depends on no other crate of the workspace, so it runs when those don't compile.

pub mod caller;
pub mod cluster;
pub mod command;
pub mod denials;
pub mod fuzz;
pub mod operations;
pub mod plug_and_play;
pub mod process;
pub mod program;
pub mod progress;
pub mod schema;
pub mod stage;
pub mod steps;
pub mod supervise;
pub mod tidy;
pub mod workspace;
