//! Roles, overrides and what people hold, and the operators of the platform.
//!
//! - [`holdings`]: what one person holds, read in one round trip when a session loads.
//! - [`overriding`]: permissions as a kind of manual overrides, and who holds which.
//! - [`role_views`]: the lists for managing roles.
//! - [`operator_views`]: the operators of the platform, and what they may do.
//! - [`reviews`]: what employees hold, and when they last used it.

mod everyone;
pub mod holdings;
pub mod operator_views;
mod operators;
pub mod overriding;
pub mod reviews;
pub mod role_views;
mod roles;

pub use role_views::{OverrideView, RoleView};

tryzore_postgres::store! {
    /// Roles, overrides, and what people hold, on a transaction.
    pub struct RbacStore;
    /// Gives a transaction the ports of the rbac crate.
    pub trait Rbac { fn rbac }
}
