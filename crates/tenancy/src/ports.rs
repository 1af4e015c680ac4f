//! What the use cases need from a transaction. Tenants and owner accounts are global; everything else
//! belongs to the tenant of the transaction.

use crate::{Organization, OrganizationSettings, OwnerAccount, OwnerRole, Tenant};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{AuditEntry, Email, OrganizationId, OwnerAccountId, StoreResult, TenantId, UserId};
use tryzore_rbac::OrganizationNode;

/// Stores tenants.
#[trait_variant::make(Send)]
pub trait Tenants {
    /// Finds a tenant.
    async fn tenant_find(&mut self, id: TenantId) -> StoreResult<Option<Tenant>>;
    /// Finds a tenant and locks it until the transaction ends.
    async fn tenant_lock(&mut self, id: TenantId) -> StoreResult<Option<Tenant>>;
    /// Adds a tenant.
    async fn tenant_insert(&mut self, tenant: &Tenant) -> StoreResult<()>;
    /// Stores the status of a locked tenant. Only an operator's transaction has the right.
    async fn tenant_set_status(&mut self, tenant: &Tenant) -> StoreResult<()>;
}

/// Writes to the audit trail of a tenant other than that of the transaction.
#[trait_variant::make(Send)]
pub trait TenantTrail {
    /// Appends an action on `tenant` to its audit trail, with the commit.
    async fn trail_append(&mut self, tenant: TenantId, entry: AuditEntry) -> StoreResult<()>;
}

/// Stores owner accounts.
#[trait_variant::make(Send)]
pub trait OwnerAccounts {
    /// Finds an account and locks it.
    async fn owner_lock(&mut self, id: OwnerAccountId) -> StoreResult<Option<OwnerAccount>>;
    /// Finds the account with this address and locks it.
    async fn owner_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<OwnerAccount>>;
    /// Finds the account that this user signs in to and locks it.
    async fn owner_lock_by_user(&mut self, user: UserId) -> StoreResult<Option<OwnerAccount>>;
    /// Adds an account; false when its address or its user already has an account.
    async fn owner_insert(&mut self, owner: &OwnerAccount) -> StoreResult<bool>;
    /// Stores the current state of an account.
    async fn owner_update(&mut self, owner: &OwnerAccount) -> StoreResult<()>;
}

/// Stores locations.
#[trait_variant::make(Send)]
pub trait Organizations {
    /// The open locations with their parents, locked: no other transaction opens, moves or closes a
    /// location until this transaction ends.
    async fn tree_lock(&mut self) -> StoreResult<Vec<OrganizationNode>>;
    /// Finds a location and locks it.
    async fn organization_lock(&mut self, id: OrganizationId) -> StoreResult<Option<Organization>>;
    /// Adds a location with the default settings.
    async fn organization_insert(&mut self, organization: &Organization) -> StoreResult<()>;
    /// Stores the current state of a locked location.
    async fn organization_update(&mut self, organization: &Organization) -> StoreResult<()>;
}

/// Stores which account owns which location.
#[trait_variant::make(Send)]
pub trait Owners {
    /// The accounts that own `organization`; without an organization, those that own any location as
    /// `owner`.
    async fn owners_of(
        &mut self,
        organization: Option<OrganizationId>,
    ) -> StoreResult<Vec<(OwnerAccountId, OwnerRole)>>;
    /// Records that `owner` owns `organization` as `role`, from `now` on.
    async fn owner_link(
        &mut self,
        owner: OwnerAccountId,
        organization: OrganizationId,
        role: OwnerRole,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;
}

/// Stores settings and hours.
#[trait_variant::make(Send)]
pub trait SettingsStore {
    /// The settings and hours of a location.
    async fn settings_find(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Option<OrganizationSettings>>;
    /// The settings and hours of a location, locked.
    async fn settings_lock(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Option<OrganizationSettings>>;
    /// Stores the current state of locked settings and hours.
    async fn settings_update(&mut self, current: &OrganizationSettings) -> StoreResult<()>;
}

/// The future bookings of a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Commitments {
    /// The number of future events that have bookings.
    pub events: u32,
    /// The number of bookings of these events.
    pub bookings: u32,
    /// When the last of these events ends.
    pub last_ends_at: Option<DateTime<Utc>>,
}

/// Reads the schedule, as far as closing a location needs it.
#[trait_variant::make(Send)]
pub trait Schedule {
    /// The future events of `organization` that have bookings, as of `now`. The answer stays true until the
    /// transaction ends: nobody can book at the location meanwhile.
    async fn schedule_commitments(
        &mut self,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> StoreResult<Commitments>;
}

/// Stores which users belong to the tenant, for signing in, which happens before a tenant is known.
#[trait_variant::make(Send)]
pub trait Members {
    /// Records that `user` belongs to the tenant, with `home` as their home location.
    async fn member_put(&mut self, user: UserId, home: OrganizationId, now: DateTime<Utc>)
    -> StoreResult<()>;
    /// Deletes the membership of `user`, who no longer works for the tenant, unless they are a client or an
    /// owner.
    async fn member_release(&mut self, user: UserId) -> StoreResult<()>;
}
