//! Roles, overrides and what people hold.
//!
//! - [`holdings`]: what one person holds, in one round trip: what a session loads.
//! - [`role_views`]: the lists of administration.

pub mod holdings;
pub mod role_views;
mod roles;

pub use role_views::{OverrideView, RoleView};
