//! The ports of the tenancy crate, and its lists and reports.
//!
//! The ports of global tables (tenants, owner accounts, onboarding) are implemented for every kind of
//! transaction: onboarding begins before there is a tenant and ends in the tenant's first transaction.
//!
//! - [`organization_views`], [`settings_views`], [`client_locations`], [`analytics`], [`staff_views`],
//!   [`tenant_views`], [`locations`]: lists and reports, which are read without the domain types; [`shapes`]: the words of their
//!   columns, for the contract.

pub mod analytics;
pub mod client_locations;
mod invitations;
pub mod locations;
mod onboarding;
pub mod organization_views;
mod organizations;
mod owners;
mod rights;
mod settings;
pub mod settings_views;
pub mod shapes;
mod staff;
pub mod staff_views;
pub mod tenant_views;
mod tenants;

pub use analytics::OrganizationAnalytics;
pub use locations::LocationChoice;
pub use organization_views::OrganizationView;
pub use settings_views::SettingsView;
pub use staff_views::{AssignmentView, InvitationView, StaffView};

tryzore_postgres::store! {
    /// Tenants, owners, locations, staff, invitations and onboarding, on a transaction.
    pub struct TenancyStore;
    /// Gives a transaction the ports of the tenancy crate.
    pub trait Tenancy { fn tenancy }
}
