//! Operators of the platform: one in the code, who turns tenants, and such as sign in.

use crate::TestTenant;
use tryzore_kernel::{SessionId, TenantId, UserId};
use tryzore_postgres::Db;
use tryzore_rbac::{Actor, PlatformGrants, PlatformPermission, PlatformPermit, PlatformSlug};
use tryzore_tenancy::{SetStatus, Tenant, TenantStatus, Tenants, set_tenant_status};

/// Someone who operates the platform, and may do everything there.
///
/// # Panics
/// Never: whoever is compiled holds every entry of the catalogue.
#[must_use]
pub fn operator<P: PlatformPermission>() -> PlatformPermit<P> {
    let now = chrono::DateTime::UNIX_EPOCH;
    let actor = Actor::User { user: UserId::generate(now), session: SessionId::generate(now) };
    PlatformGrants::compile(actor, TenantId::generate(now), PlatformSlug::ALL).unwrap().permit().unwrap()
}

/// An operator turns `tenant` in a process that works on `db`, whichever version it has.
///
/// # Panics
/// When that is refused.
pub async fn set_status(db: &Db, tenant: TenantId, to: TenantStatus, reason: &str) -> Tenant {
    let (permit, now) = (operator(), db.clock().now());
    let status_change = db.operator_tx(&permit, async |tx| {
        let version = tx.tenant_find(tenant).await?.map_or(0, |tenant| tenant.version);
        set_tenant_status(&permit, tx, tenant, SetStatus { to, reason: reason.into(), version }, now).await
    });
    status_change.await.unwrap()
}

/// A user of no tenant who is appointed with `permissions`.
///
/// # Panics
/// When the database cannot be reached.
pub async fn appoint(studio: &TestTenant, permissions: &[&str]) -> UserId {
    let (user, owner) = (UserId::generate(studio.now()), studio.database.owner_client().await);
    let made = "INSERT INTO identity.users (id, name, status, created_at, updated_at)
                VALUES ($1, 'Opal Operator', 'pending_claim', now(), now())";
    owner.execute(made, &[&user.uuid()]).await.unwrap();
    let appointed =
        "INSERT INTO platform.operators (user_id, permissions, appointed_because) VALUES ($1, $2, 'test')";
    owner.execute(appointed, &[&user.uuid(), &permissions]).await.unwrap();
    user
}
