//! The store of manual overrides, and the registry of the domains that own the data.
//!
//! - [`kind`]: what a domain implements, so that its data can be overridden: [`OverrideKind`], and [`People`] for the
//!   domain of permissions. [`registry`]: the kinds of a program, and the ports on a transaction with them.
//! - [`store`]: overrides and their log. [`views`]: the lists of overrides.
//! - [`due`]: the overrides whose time is over, in all tenants. [`readers`]: the people who get letters.

pub mod due;
pub mod kind;
pub mod readers;
pub mod registry;
mod store;
pub mod views;

pub use kind::{Asked, Found, OverrideKind, People, Search};
pub use registry::{OverrideTx, Registry};

tryzore_postgres::store! {
    /// Manual overrides, on a transaction.
    pub struct SupportStore;
    /// Gives a transaction the store of manual overrides.
    pub trait Support { fn support }
}
