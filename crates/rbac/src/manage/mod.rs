//! Administration of roles and permissions: who gives what to whom, and why someone can.
//!
//! - [`role`]: a role of a tenant; the six presets (RBA-02) can be given, not changed.
//! - [`giving`]: nobody gives, or takes away, what he does not hold himself.
//! - [`permission_override`]: a permission that was given to or taken from one person, with a reason.
//! - [`seed_presets`](mod@seed_presets), [`create_role`](mod@create_role),
//!   [`edit_role`](mod@edit_role), [`delete_role`](mod@delete_role),
//!   [`set_override`](mod@set_override), [`clear_override`](mod@clear_override): the use cases.
//! - [`ask`]: why someone can or can't, and who can.
//!
//! **Invariants:** whatever changes what someone may do publishes `rbac.grants_changed` about that
//! person in the same transaction, so that no session lives on with old grants, and writes a line
//! of the audit trail.

pub mod ask;
pub mod clear_override;
pub mod create_role;
pub mod delegation;
pub mod delete_role;
pub mod domain_event;
pub mod edit_role;
pub mod permission_override;
pub mod ports;
pub mod role;
pub mod seed_presets;
pub mod set_override;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use ask::{WhoCan, explain, who_can};
pub use clear_override::clear_override;
pub use create_role::create_role;
pub use delegation::check_can_grant;
pub use delete_role::delete_role;
pub use domain_event::GrantsChanged;
pub use edit_role::edit_role;
pub use permission_override::{PermissionOverride, PermissionOverrideForm};
pub use ports::{EmployeeHoldings, HoldingsStore, OverrideStore, RoleStore};
pub use role::{Role, RoleDraft, RoleForm, RoleScope};
pub use seed_presets::seed_presets;
pub use set_override::{is_in_reach, set_override};
pub use tryzore_kernel::UseCaseError;
