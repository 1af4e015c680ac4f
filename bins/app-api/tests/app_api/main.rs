//! The mobile backend over HTTP, as members use it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod addresses;
mod book_event;
mod closed_tenant;
mod contract_form;
mod contract_limits;
mod contract_tests;
mod events_client;
mod kill;
mod me;
mod mounted;
mod opening;
mod organizations;
mod schedule_cost;
mod shutdown;
