//! The CRM backend over HTTP, as staff use it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod caller;
mod clients;
mod clients_views;
mod events_http;
mod imports;
mod office;
mod organizations;
mod roles;
mod staff;
