//! What managing roles needs from a transaction. Everything belongs to the tenant of the transaction.

use crate::{
    Assignment, Holdings, OrganizationNode, Pattern,
    manage::{PermissionOverride, Role},
};
use tryzore_kernel::{OrganizationId, RoleId, StoreResult, UserId};

/// Stores roles.
#[trait_variant::make(Send)]
pub trait RoleStore {
    /// Finds a role.
    async fn role_find(&mut self, id: RoleId) -> StoreResult<Option<Role>>;
    /// Finds the tenant's role for a preset.
    async fn role_find_preset(&mut self, preset: &str) -> StoreResult<Option<Role>>;
    /// Finds a role and locks it in shared mode: until the transaction ends, others may assign the role but
    /// nobody can change it. Whoever assigns a role reads it this way, so that the role that was checked is
    /// the role that is assigned.
    async fn role_share(&mut self, id: RoleId) -> StoreResult<Option<Role>>;
    /// Finds a role and locks it until the transaction ends.
    async fn role_lock(&mut self, id: RoleId) -> StoreResult<Option<Role>>;
    /// Adds a role; false, and nothing added, when its name is taken.
    async fn role_insert(&mut self, role: &Role) -> StoreResult<bool>;
    /// Stores the current state of `role`, which the caller has locked; false when another role has its
    /// name.
    async fn role_update(&mut self, role: &Role) -> StoreResult<bool>;
    /// Deletes a role that nobody has.
    async fn role_delete(&mut self, id: RoleId) -> StoreResult<()>;
    /// The people who have the role, and the locations where they have it.
    async fn role_holders(&mut self, id: RoleId) -> StoreResult<Vec<(UserId, OrganizationId)>>;
    /// The locations of each open invitation that offers the role. Expired invitations count, because they
    /// can be sent again.
    async fn role_offers(&mut self, id: RoleId) -> StoreResult<Vec<Vec<OrganizationId>>>;
}

/// Stores overrides.
#[trait_variant::make(Send)]
pub trait OverrideStore {
    /// Stores an override, in place of one for the same person, pattern and location.
    async fn override_put(&mut self, permission_override: &PermissionOverride) -> StoreResult<()>;
    /// Deletes an override; false when there is none.
    async fn override_delete(
        &mut self,
        user: UserId,
        pattern: &Pattern,
        organization: Option<OrganizationId>,
    ) -> StoreResult<bool>;
}

/// Reads what people hold.
#[trait_variant::make(Send)]
pub trait HoldingsStore {
    /// The open locations of the tenant.
    async fn organization_tree(&mut self) -> StoreResult<Vec<OrganizationNode>>;
    /// What `user` holds now ([`Holdings::as_of`]); empty for a user who does not belong to the tenant.
    async fn holdings_of(&mut self, user: UserId) -> StoreResult<Holdings>;
    /// The roles that open invitations offer, as if they were accepted.
    async fn offers_all(&mut self) -> StoreResult<Vec<Assignment>>;
    /// What everyone holds now who works at or owns a location of the tenant, or worked there until a role ended.
    async fn holdings_all(&mut self) -> StoreResult<Vec<EmployeeHoldings>>;
}

/// A person who works for the tenant, and their holdings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployeeHoldings {
    /// The person.
    pub user: UserId,
    /// The name of the person at this tenant.
    pub name: Option<String>,
    /// The holdings of the person.
    pub holdings: Holdings,
}
