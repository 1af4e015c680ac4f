//! The sandbox over real sockets, each test with a sandbox of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod city;
mod failures;
mod mail;
mod smtp;
mod support;
