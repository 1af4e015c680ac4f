//! What administration needs from a transaction. All of it is of the transaction's tenant.

use crate::{
    Assignment, Holdings, OrganizationNode, Pattern,
    manage::{PermissionOverride, Role},
};
use tryzore_kernel::{OrganizationId, RoleId, StoreResult, UserId};

/// Roles.
#[trait_variant::make(Send)]
pub trait RoleStore {
    /// A role.
    async fn role_find(&mut self, id: RoleId) -> StoreResult<Option<Role>>;
    /// The role that a preset is here.
    async fn role_find_preset(&mut self, preset: &str) -> StoreResult<Option<Role>>;
    /// A role as it stays until the transaction ends: others may give it meanwhile, nobody changes it.
    /// Whoever gives a role reads it so, for what was checked to be what is given.
    async fn role_share(&mut self, id: RoleId) -> StoreResult<Option<Role>>;
    /// A role, held until the transaction ends.
    async fn role_lock(&mut self, id: RoleId) -> StoreResult<Option<Role>>;
    /// Adds a role; false, and nothing added, when its name is taken.
    async fn role_insert(&mut self, role: &Role) -> StoreResult<bool>;
    /// Keeps `role`, which the caller holds, as it now is; false when its name is another role's.
    async fn role_update(&mut self, role: &Role) -> StoreResult<bool>;
    /// Forgets a role that nobody has.
    async fn role_delete(&mut self, id: RoleId) -> StoreResult<()>;
    /// Who has the role, and where.
    async fn role_holders(&mut self, id: RoleId) -> StoreResult<Vec<(UserId, OrganizationId)>>;
    /// The locations of each open invitation that offers the role, also of one that can only be sent
    /// again.
    async fn role_offers(&mut self, id: RoleId) -> StoreResult<Vec<Vec<OrganizationId>>>;
}

/// What was given to or taken from one person.
#[trait_variant::make(Send)]
pub trait OverrideStore {
    /// Keeps it, in place of one for the same person, pattern and location.
    async fn override_put(&mut self, permission_override: &PermissionOverride) -> StoreResult<()>;
    /// Forgets it; false when there is none.
    async fn override_delete(
        &mut self,
        user: UserId,
        pattern: &Pattern,
        organization: Option<OrganizationId>,
    ) -> StoreResult<bool>;
}

/// What people hold.
#[trait_variant::make(Send)]
pub trait HoldingsStore {
    /// The open locations of the tenant.
    async fn organization_tree(&mut self) -> StoreResult<Vec<OrganizationNode>>;
    /// What `user` holds; empty for a stranger.
    async fn holdings_of(&mut self, user: UserId) -> StoreResult<Holdings>;
    /// What open invitations offer, as if they were accepted.
    async fn offers_all(&mut self) -> StoreResult<Vec<Assignment>>;
    /// What everyone holds who works here or owns something here.
    async fn holdings_all(&mut self) -> StoreResult<Vec<EmployeeHoldings>>;
}

/// Someone who works here, and what she holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployeeHoldings {
    /// The person.
    pub user: UserId,
    /// What she is called here.
    pub name: Option<String>,
    /// What she holds.
    pub holdings: Holdings,
}
