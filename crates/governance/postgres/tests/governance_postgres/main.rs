//! The ports of the governance crate on real Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod audit_trail;
