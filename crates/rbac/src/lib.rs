//! Roles and permissions: who may do what, where, and why.
//!
//! - [`catalogue`]: all permissions, as types and as slugs (RBA-01).
//! - [`preset`]: the roles that every tenant starts with (RBA-02).
//! - [`pattern`]: an entry of a role: a slug or a wildcard.
//! - [`holding`]: what one person holds: assignments and overrides, with their locations.
//! - [`grants`]: the holdings of a session, compiled to bit sets when the session loads.
//! - [`factor`]: permissions that require a second factor.
//! - [`permit`]: the proof that a check was made; no transaction begins without one.
//! - [`platform`]: permissions, roles and rights of operators, who work for no tenant.
//! - [`operators`]: appointing and dismissing operators, and changing what they may do.
//! - [`domain_event`]: how domains declare their events, and the permissions that show them.
//! - [`explain`]: why a person may or may not do something, and who may.
//! - [`manage`]: managing the roles and overrides of a tenant.
//!
//! There is one order of evaluation everywhere: explicit deny override, allow override, role permission,
//! default deny.
//!
//! **Invariants:** a [`Permit`] has no public constructor but [`Grants::permit_at`],
//! [`Grants::permit`] and [`Permit::system`]; a check costs no query and no allocation.

// What the macros write names this crate, also inside of it.
extern crate self as tryzore_rbac;

pub mod actor;
pub mod catalogue;
pub mod domain_event;
pub mod explain;
pub mod factor;
pub mod grants;
pub mod holding;
pub mod manage;
pub mod operators;
pub mod pattern;
pub mod permit;
pub mod platform;
pub mod preset;
pub mod set;

pub use actor::{ActingKind, Actor, ActorView, SystemActor};
pub use catalogue::{Permission, Slug};
pub use domain_event::DomainEvent;
pub use factor::{EnrollmentDue, FactorStanding, StepUp};
pub use grants::Grants;
pub use holding::{Assignment, Effect, Holdings, OrganizationNode, Override, Scope};
pub use pattern::{BadPattern, Entry, Pattern};
pub use permit::{Permit, Reach};
pub use platform::{
    PlatformGrants, PlatformOverride, PlatformPermission, PlatformPermit, PlatformRights, PlatformRole,
    PlatformSlug,
};
pub use preset::Preset;
pub use set::PermissionSet;
