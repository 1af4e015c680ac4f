//! The ports of the auth crate on real Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod factors;
mod identity;
