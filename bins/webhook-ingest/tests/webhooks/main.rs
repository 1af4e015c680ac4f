//! Webhooks, from a provider's request to what comes of it. Each test has a database of its own,
//! because the worker looks over all tenants.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod kill;
mod post_office;
mod process;
mod receive;
