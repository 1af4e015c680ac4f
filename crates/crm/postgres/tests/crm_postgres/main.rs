//! The ports of the crm crate on real Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod clients;
mod imports;
mod list;
#[path = "../../../tests/crm/support/mod.rs"]
mod support;
