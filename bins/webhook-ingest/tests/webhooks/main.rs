//! Webhooks, from a provider's request to its effect. Each test has a separate database, because the worker
//! processes all tenants.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod kill;
mod post_office;
mod process;
mod receive;
