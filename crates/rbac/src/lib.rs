//! Who may do what, where, and why.
//!
//! - [`catalogue`]: every permission there is, as a type and as a slug (RBA-01).
//! - [`preset`]: the roles that every tenant starts with (RBA-02).
//! - [`pattern`]: what a role holds: a slug or a wildcard.
//! - [`holding`]: what one person holds: assignments, overrides, and where.
//! - [`grants`]: the same, compiled to bit sets when a session loads.
//! - [`permit`]: the proof that a check was made; no transaction opens without one.
//! - [`platform`]: the same for operators, who work for no tenant.
//! - [`explain`]: why someone can or can't, and who can.
//! - [`manage`]: roles and overrides of a tenant, as people change them.
//!
//! One order of evaluation everywhere: explicit deny override, allow override, role permission,
//! default deny.
//!
//! **Invariants:** a [`Permit`] has no public constructor but [`Grants::permit`] and
//! [`Permit::system`]; a check costs no query and no allocation.

pub mod actor;
pub mod audience;
pub mod catalogue;
pub mod explain;
pub mod grants;
pub mod holding;
pub mod manage;
pub mod pattern;
pub mod permit;
pub mod platform;
pub mod preset;
pub mod set;

pub use actor::{Actor, SystemActor};
pub use audience::audience;
pub use catalogue::{Permission, Slug};
pub use grants::Grants;
pub use holding::{Assignment, Effect, Holdings, OrganizationNode, Override, Scope};
pub use pattern::{BadPattern, Pattern};
pub use permit::{Permit, Reach};
pub use platform::{PlatformGrants, PlatformPermission, PlatformPermit, PlatformSlug};
pub use preset::Preset;
pub use set::PermissionSet;
