//! The sandbox over real sockets, each test with a sandbox of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod failures;
mod mail;
mod shared;
mod smtp;
mod support;
