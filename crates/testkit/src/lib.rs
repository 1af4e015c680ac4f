//! What tests share: a database, a clock that can be moved, and studios to test in.
//!
//! The tests of a run share one migrated database and never each other's data: each makes tenants
//! of its own, so that row security is the isolation of the tests and every test also tests it.
//!
//! `cargo xtask test` prepares the database and sets
//! - `TRYZORE_TEST_DATABASE_URL`: the owner's URL of the run's migrated database;
//! - `TRYZORE_TEST_TEMPLATE`: the name of a migrated database to clone, for tests that need one of
//!   their own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

pub mod clock;
pub mod cluster;
pub mod contract_tests;
pub mod database;
pub mod demo;
pub mod dispatch;
pub mod http;
pub mod operator;
pub mod pgbouncer;
pub mod postgres_server;
pub mod process;
pub mod test_tenant;
pub mod wiretap;

pub use clock::FakeClock;
pub use cluster::Cluster;
pub use database::{Database, Service};
pub use dispatch::Dispatch;
pub use pgbouncer::PgBouncer;
pub use postgres_server::PostgresServer;
pub use process::Process;
pub use test_tenant::TestTenant;
pub use wiretap::Wiretap;
