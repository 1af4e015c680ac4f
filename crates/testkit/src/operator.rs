//! Operators of the platform: a permit for tests of the code, and users who sign in.

use crate::TestTenant;
use tryzore_kernel::{SessionId, TenantId, UserId};
use tryzore_postgres::Db;
use tryzore_rbac::{Actor, PlatformGrants, PlatformPermission, PlatformPermit, PlatformRole, PlatformSlug};
use tryzore_tenancy::{SetStatus, Tenant, TenantStatus, Tenants, set_tenant_status};
use tryzore_tenancy_postgres::Tenancy;

/// The permit of an operator with every platform permission.
///
/// # Panics
/// Never: the grants contain every permission of the catalogue.
#[must_use]
pub fn operator<P: PlatformPermission>() -> PlatformPermit<P> {
    let now = chrono::DateTime::UNIX_EPOCH;
    let actor = Actor::User { user: UserId::generate(now), session: SessionId::generate(now) };
    PlatformGrants::compile(actor, TenantId::generate(now), PlatformSlug::ALL).unwrap().permit().unwrap()
}

/// Sets the status of `tenant` as an operator, in a process that works on `db`, whatever its version.
///
/// # Panics
/// When the change is refused.
pub async fn set_status(db: &Db, tenant: TenantId, to: TenantStatus, reason: &str) -> Tenant {
    let (permit, now) = (operator(), db.clock().now());
    let status_change = db.operator_tx(&permit, async |tx| {
        let version = tx.tenancy().tenant_find(tenant).await?.map_or(0, |tenant| tenant.version);
        set_tenant_status(
            &permit,
            &mut tx.tenancy(),
            tenant,
            SetStatus { to, reason: reason.into(), version },
            now,
        )
        .await
    });
    status_change.await.unwrap()
}

/// Makes a user without a tenant an operator with exactly `permissions`.
///
/// # Panics
/// When the database cannot be reached.
pub async fn appoint(studio: &TestTenant, permissions: &[&str]) -> UserId {
    let (user, owner) = (UserId::generate(studio.now()), studio.database.owner_client().await);
    let made = "INSERT INTO identity.users (id, name, status, created_at, updated_at)
                VALUES ($1, 'Opal Operator', 'pending_claim', now(), now())";
    owner.execute(made, &[&user.uuid()]).await.unwrap();
    let appointed = "INSERT INTO platform.operators (user_id, role, because) VALUES ($1, 'limited', 'test')";
    owner.execute(appointed, &[&user.uuid()]).await.unwrap();
    let allowed = "INSERT INTO platform.operator_overrides (user_id, pattern, effect, because, set_at)
                   SELECT $1, pattern, 'allow', 'test', now() FROM unnest($2::text[]) AS p (pattern)";
    owner.execute(allowed, &[&user.uuid(), &permissions]).await.unwrap();
    user
}

/// Makes an operator with `role`, who can sign in with the address that is returned.
///
/// # Panics
/// When the database cannot be reached.
pub async fn appoint_as(studio: &TestTenant, role: PlatformRole) -> (UserId, String) {
    let (user, email) = candidate(studio).await;
    let owner = studio.database.owner_client().await;
    let appointed = "INSERT INTO platform.operators (user_id, role, because) VALUES ($1, $2, 'test')";
    owner.execute(appointed, &[&user.uuid(), &role.as_str()]).await.unwrap();
    (user, email)
}

/// Makes a user with a proven address, who is no operator.
///
/// # Panics
/// When the database cannot be reached.
pub async fn candidate(studio: &TestTenant) -> (UserId, String) {
    let (user, owner) = (UserId::generate(studio.now()), studio.database.owner_client().await);
    let email = format!("{}@example.com", user.uuid().simple());
    let made =
        "INSERT INTO identity.users (id, name, email, status, email_verified_at, created_at, updated_at)
                VALUES ($1, 'Cleo Candidate', $2, 'active', now(), now(), now())";
    owner.execute(made, &[&user.uuid(), &email]).await.unwrap();
    (user, email)
}
