//! The ports of the platform crate on real Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod overview;
mod webhooks_queue;
