//! Tenants, their owners, their locations, and the people who work at them.
//!
//! - [`tenant`], [`owner`], [`organization`], [`hierarchy`]: brands, who owns them, and their locations
//!   (TEN-01..04).
//! - [`settings`], [`hours`]: the settings and business hours of a location (TEN-07, TEN-09).
//! - [`create_organization`](mod@create_organization), [`edit_organization`](mod@edit_organization),
//!   [`close_organization`](mod@close_organization), [`edit_settings`](mod@edit_settings),
//!   [`clone_settings`](mod@clone_settings), [`tenant_life`]: the use cases.
//! - [`onboarding`]: from "start free trial" to a tenant with locations, in resumable steps (1.1).
//! - [`staff`]: invitations, and the assignment of roles at locations (TEN-06, ONB-09).
//! - [`letter`]: the letters that are sent to people.
//! - [`person`]: users, with or without a verified email address.
//! - [`ports`]: what the use cases need from a transaction. [`domain_event`]: the events that this crate
//!   publishes.
//!
//! **Invariants:** locations form trees without a cycle, at most [`hierarchy::LEVELS_MAX`] levels deep; an
//! open location always has an owner; an employee has exactly one primary location; a tenant never loses
//! its last owner; nobody grants a permission that they do not hold. Tokens are stored as hashes only,
//! passwords never.

pub mod clone_settings;
pub mod close_organization;
pub mod create_organization;
pub mod domain_event;
pub mod edit_organization;
pub mod edit_settings;
pub mod hierarchy;
pub mod hours;
pub mod letter;
pub mod onboarding;
pub mod organization;
pub mod owner;
pub mod permission;
pub mod person;
pub mod ports;
pub mod settings;
pub mod staff;
pub mod tenant;
pub mod tenant_life;
pub mod token;

#[cfg(test)]
mod testing;

pub use clone_settings::{Cloned, clone_settings};
pub use close_organization::close_organization;
pub use create_organization::create_organization;
pub use edit_organization::edit_organization;
pub use edit_settings::{edit_hours, edit_settings};
pub use hours::{BusinessHours, HoursForm, HoursState};
pub use organization::{Organization, OrganizationDraft, OrganizationForm, OrganizationStatus, PlanTier};
pub use owner::{OwnerAccount, OwnerRole};
pub use person::{Person, Verified};
pub use ports::{
    Commitments, Members, Organizations, OwnerAccounts, Owners, Schedule, SettingsStore, TenantTrail, Tenants,
};
pub use settings::{OrganizationSettings, Settings, SettingsForm};
pub use tenant::{Tenant, TenantStatus};
pub use tenant_life::{SetStatus, set_tenant_status};
pub use token::Minted;
pub use tryzore_kernel::TokenHash;
pub use tryzore_kernel::{FieldErrors, UseCaseError};
