//! Clients without a database: use cases on the shared stand-ins, and real files.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod cases;
mod consents;
mod hostile;
mod planning;
mod reading;
#[path = "../../examples/sample_clients.rs"]
mod sample_clients;
mod samples;
mod staff;
mod support;
