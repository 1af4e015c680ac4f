//! Managing roles and permissions: who grants what to whom, and explanations.
//!
//! - [`role`]: a role of a tenant; the six presets (RBA-02) can be assigned, but not changed.
//! - [`delegation`]: nobody grants, or takes away, permissions that they do not hold themselves.
//! - [`permission_override`]: a permission that was granted to or taken from one person, with a reason.
//! - [`seed_presets`](mod@seed_presets), [`create_role`](mod@create_role), [`edit_role`](mod@edit_role),
//!   [`delete_role`](mod@delete_role), [`set_override`](mod@set_override),
//!   [`clear_override`](mod@clear_override): the use cases.
//! - [`temporary`]: a permission for one person for a time, as a manual override.
//! - [`ask`]: why a person may or may not do something, and who may.
//!
//! **Invariants:** every change of a person's permissions publishes `rbac.grants_changed` about that person
//! in the same transaction, so that no session continues with outdated grants, and appends a line to the
//! audit trail.

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
pub mod temporary;

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
pub use temporary::TemporaryPermission;
pub use tryzore_kernel::UseCaseError;
