//! Sign-in over real HTTP, with real sessions, keys and passwords.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod api_key_limit;
mod api_keys;
mod closed_tenants;
mod factor_policy;
mod factors;
mod flow;
mod guesses;
mod impersonation;
mod places;
mod refresh_retry;
mod sessions;
mod stage;
mod streams;
mod tokens;
mod traces;
mod workos;
