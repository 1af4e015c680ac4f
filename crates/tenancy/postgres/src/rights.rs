//! The rules of staff need to know roles and what people hold: the ports of the rbac crate, on this store.

use crate::TenancyStore;
use tryzore_kernel::{OrganizationId, RoleId, StoreResult, UserId};
use tryzore_rbac::{
    Assignment, Holdings, OrganizationNode,
    manage::{EmployeeHoldings, HoldingsStore, Role, RoleStore},
};
use tryzore_rbac_postgres::Rbac;

impl RoleStore for TenancyStore<'_> {
    async fn role_find(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        self.rbac().role_find(id).await
    }

    async fn role_find_preset(&mut self, preset: &str) -> StoreResult<Option<Role>> {
        self.rbac().role_find_preset(preset).await
    }

    async fn role_share(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        self.rbac().role_share(id).await
    }

    async fn role_lock(&mut self, id: RoleId) -> StoreResult<Option<Role>> {
        self.rbac().role_lock(id).await
    }

    async fn role_insert(&mut self, role: &Role) -> StoreResult<bool> {
        self.rbac().role_insert(role).await
    }

    async fn role_update(&mut self, role: &Role) -> StoreResult<bool> {
        self.rbac().role_update(role).await
    }

    async fn role_delete(&mut self, id: RoleId) -> StoreResult<()> {
        self.rbac().role_delete(id).await
    }

    async fn role_holders(&mut self, id: RoleId) -> StoreResult<Vec<(UserId, OrganizationId)>> {
        self.rbac().role_holders(id).await
    }

    async fn role_offers(&mut self, id: RoleId) -> StoreResult<Vec<Vec<OrganizationId>>> {
        self.rbac().role_offers(id).await
    }
}

impl HoldingsStore for TenancyStore<'_> {
    async fn organization_tree(&mut self) -> StoreResult<Vec<OrganizationNode>> {
        self.rbac().organization_tree().await
    }

    async fn holdings_of(&mut self, user: UserId) -> StoreResult<Holdings> {
        self.rbac().holdings_of(user).await
    }

    async fn offers_all(&mut self) -> StoreResult<Vec<Assignment>> {
        self.rbac().offers_all().await
    }

    async fn holdings_all(&mut self) -> StoreResult<Vec<EmployeeHoldings>> {
        self.rbac().holdings_all().await
    }
}
