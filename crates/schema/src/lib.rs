//! Diesel's view of the database: one module a Postgres schema.
//!
//! Generated from the migrated database by `cargo xtask schema`; `cargo xtask tidy` fails when it and the
//! migrations differ. Nothing is written here by hand.
#![allow(missing_docs, reason = "generated: the migrations are the documentation")]

pub mod crm;
pub mod events;
pub mod governance;
pub mod identity;
pub mod platform;
pub mod rbac;
pub mod runtime;
pub mod support;
pub mod tenancy;
pub mod webhooks;
