//! Shared parts of the tests: a database, a clock that can be moved, and test tenants.
//!
//! The tests of a run share one migrated database but never each other's data: each test creates tenants of
//! its own, so that row security isolates the tests and every test also tests row security.
//!
//! `cargo xtask test` prepares the database and sets
//! - `TRYZORE_TEST_DATABASE_URL`: the owner's URL of the run's migrated database;
//! - `TRYZORE_TEST_TEMPLATE`: the name of a migrated database to clone, for tests that need a separate one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

pub mod clock;
pub mod cluster;
pub mod contract_form;
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
