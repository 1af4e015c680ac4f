//! Roles, overrides and what people hold.
//!
//! - [`holdings`]: what one person holds, read in one round trip when a session loads.
//! - [`role_views`]: the lists for managing roles.
//! - [`reviews`]: what employees hold, and when they last used it.

pub mod holdings;
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
