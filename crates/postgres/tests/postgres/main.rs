//! The adapters on real Postgres. Tests that look at all tenants have separate databases.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod audiences;
mod deadlock;
mod decisions;
mod demo;
mod domains;
mod invalidation;
mod pooler;
mod runtime;
mod setup;
mod shares;
mod statements;
mod stream_resume;
mod tls;
mod within;
