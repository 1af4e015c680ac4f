//! The mobile backend over HTTP, as members use it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod book_event;
mod closed_tenant;
mod events_client;
mod kill;
mod me;
mod net;
mod opening;
mod schedule_cost;
mod shutdown;
