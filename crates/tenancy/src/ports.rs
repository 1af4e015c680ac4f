//! What the use cases need from a transaction. But for tenants and owner accounts, which are
//! global, all of it is of the transaction's tenant.

use crate::{Organization, OrganizationSettings, OwnerAccount, OwnerRole, Tenant};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{AuditEntry, Email, OrganizationId, OwnerAccountId, StoreResult, TenantId, UserId};
use tryzore_rbac::OrganizationNode;

/// Tenants.
#[trait_variant::make(Send)]
pub trait Tenants {
    /// A tenant.
    async fn tenant_find(&mut self, id: TenantId) -> StoreResult<Option<Tenant>>;
    /// A tenant, held until the transaction ends.
    async fn tenant_lock(&mut self, id: TenantId) -> StoreResult<Option<Tenant>>;
    /// Adds a tenant.
    async fn tenant_insert(&mut self, tenant: &Tenant) -> StoreResult<()>;
    /// Keeps where a tenant that is held stands now. Only an operator's transaction has the right.
    async fn tenant_set_status(&mut self, tenant: &Tenant) -> StoreResult<()>;
}

/// The audit trail of a tenant that the transaction is not in.
#[trait_variant::make(Send)]
pub trait TenantTrail {
    /// Appends what whoever acts does to `tenant`, with the commit.
    async fn trail_append(&mut self, tenant: TenantId, entry: AuditEntry) -> StoreResult<()>;
}

/// Owner accounts.
#[trait_variant::make(Send)]
pub trait OwnerAccounts {
    /// An account, held.
    async fn owner_lock(&mut self, id: OwnerAccountId) -> StoreResult<Option<OwnerAccount>>;
    /// The account with this address, held.
    async fn owner_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<OwnerAccount>>;
    /// The account that this user signs in to, held.
    async fn owner_lock_by_user(&mut self, user: UserId) -> StoreResult<Option<OwnerAccount>>;
    /// Adds an account; false when its address or its user has one already.
    async fn owner_insert(&mut self, owner: &OwnerAccount) -> StoreResult<bool>;
    /// Keeps an account as it now is.
    async fn owner_update(&mut self, owner: &OwnerAccount) -> StoreResult<()>;
}

/// Locations.
#[trait_variant::make(Send)]
pub trait Organizations {
    /// The open locations and how they hang together. No other transaction opens, moves or closes
    /// one until this transaction ends.
    async fn tree_lock(&mut self) -> StoreResult<Vec<OrganizationNode>>;
    /// A location, held.
    async fn organization_lock(&mut self, id: OrganizationId) -> StoreResult<Option<Organization>>;
    /// Adds a location with the default settings.
    async fn organization_insert(&mut self, organization: &Organization) -> StoreResult<()>;
    /// Keeps a location that is held as it now is.
    async fn organization_update(&mut self, organization: &Organization) -> StoreResult<()>;
}

/// Who owns which location.
#[trait_variant::make(Send)]
pub trait Owners {
    /// Who owns `organization`; without one, everyone who owns any location as `owner`.
    async fn owners_of(
        &mut self,
        organization: Option<OrganizationId>,
    ) -> StoreResult<Vec<(OwnerAccountId, OwnerRole)>>;
    /// `owner` owns `organization` as `role`, from `now` on.
    async fn owner_link(
        &mut self,
        owner: OwnerAccountId,
        organization: OrganizationId,
        role: OwnerRole,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;
}

/// Settings and hours.
#[trait_variant::make(Send)]
pub trait SettingsStore {
    /// Settings and hours of a location.
    async fn settings_find(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Option<OrganizationSettings>>;
    /// The same, held.
    async fn settings_lock(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Option<OrganizationSettings>>;
    /// Keeps settings and hours that are held as they now are.
    async fn settings_update(&mut self, current: &OrganizationSettings) -> StoreResult<()>;
}

/// What a location has promised its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Commitments {
    /// Events to come that someone has booked.
    pub events: u32,
    /// Bookings of these events.
    pub bookings: u32,
    /// When the last of them is over.
    pub last_ends_at: Option<DateTime<Utc>>,
}

/// The schedule, as far as closing a location needs it.
#[trait_variant::make(Send)]
pub trait Schedule {
    /// What `organization` has promised from `now` on: events that are not over and that someone
    /// has booked. It stays so until the transaction ends: nobody books there meanwhile.
    async fn schedule_commitments(
        &mut self,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> StoreResult<Commitments>;
}

/// Which users belong to the tenant: what signing in asks before it knows a tenant.
#[trait_variant::make(Send)]
pub trait Members {
    /// `user` belongs to the tenant, and is at home at `home`.
    async fn member_put(&mut self, user: UserId, home: OrganizationId, now: DateTime<Utc>)
    -> StoreResult<()>;
    /// `user` works here no longer: forgotten, unless client or owner.
    async fn member_release(&mut self, user: UserId) -> StoreResult<()>;
}
