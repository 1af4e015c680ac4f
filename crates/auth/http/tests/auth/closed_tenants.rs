//! Sign-in at tenants that the platform has suspended or deleted (TEN-04).

use crate::stage::{Answer, PASSWORD, Stage, join, tenant};
use serde_json::{Value, json};
use tryzore_kernel::{OwnerAccountId, UserId};
use tryzore_tenancy::TenantStatus::{Active, Deleted, Suspended};
use tryzore_testkit::{TestTenant, operator::set_status};

/// Makes `user` an owner of the first location with `role`.
async fn own(stage: &Stage, user: UserId, role: &str) {
    let (studio, account) = (&stage.studio, OwnerAccountId::generate(stage.studio.now()));
    let made = "INSERT INTO tenancy.owner_accounts (id, user_id, email, name, created_at, updated_at)
                VALUES ($1, $2, $1::uuid || '@example.com', 'Olivia Owner', now(), now())";
    studio.sql.execute(made, &[&account.uuid(), &user.uuid()]).await.unwrap();
    let owns = "INSERT INTO tenancy.owner_organizations
                    (tenant_id, owner_account_id, organization_id, role, added_at)
                VALUES ($1, $2, $3, $4, now())";
    let (tenant, account, main) = (studio.tenant.uuid(), account.uuid(), studio.main.uuid());
    studio.sql.execute(owns, &[&tenant, &account, &main, &role]).await.unwrap();
}

/// The value of a fact of a refusal.
fn fact<'a>(answer: &'a Answer, name: &str) -> Option<&'a Value> {
    let facts = answer.body["denial"]["because"].as_array().unwrap();
    facts.iter().find(|fact| fact["fact"] == name).map(|fact| &fact["value"])
}

#[tokio::test]
async fn ten_04_a_suspended_tenant_refuses_sign_in_and_sessions_until_it_is_active_again() {
    let stage = Stage::open().await;
    let (email, studio) = (stage.email("ada"), &stage.studio);
    stage.client(&email).await;
    let signed_in = stage.login(&email, PASSWORD).await;
    let access = signed_in.access();
    assert_eq!(stage.get(&access, "/auth/me").await.status, 200, "remembered from here on");
    set_status(&studio.db, studio.tenant, Suspended, "unpaid since May").await;

    let switch = json!({ "organization_id": studio.main });
    let refused = [
        stage.login(&email, PASSWORD).await,
        stage.get(&access, "/auth/me").await,
        stage.get(&access, "/auth/organizations").await,
        stage.post_as(&access, "/auth/switch-organization", switch).await,
        stage.post("/auth/refresh", json!({ "refresh_token": signed_in.refresh() })).await,
    ];
    for told in &refused {
        assert_eq!(told.code(), (403, "tenants.suspended"));
        assert_eq!(fact(told, "tenant"), Some(&json!(studio.tenant)));
        assert_eq!(fact(told, "tenant.suspended_at"), Some(&json!(studio.now())));
        assert_eq!(fact(told, "tenant.suspended_because"), None, "not a client's business");
        assert!(told.text("/denial/remedy/text").contains("All data is kept"));
    }
    let wrong = stage.login(&email, "not the password").await;
    assert_eq!(wrong.code(), (401, "auth.login.rejected"), "told to who knows the password");

    set_status(&studio.db, studio.tenant, Active, "paid").await;
    assert_eq!(stage.get(&access, "/auth/me").await.status, 200, "the session was kept");
    let again = stage.post("/auth/refresh", json!({ "refresh_token": signed_in.refresh() })).await;
    assert_eq!(again.status, 200, "and so was the refresh token: {:#}", again.body);
    stage.api.stop().await;
}

#[tokio::test]
async fn ten_04_only_owners_and_partners_see_the_reason_of_a_suspension() {
    let stage = Stage::open().await;
    let reason = json!("unpaid since May");
    set_status(&stage.studio.db, stage.studio.tenant, Suspended, "unpaid since May").await;
    let cases = [("owner", Some(&reason)), ("partner", Some(&reason)), ("viewer", None), ("", None)];
    for (role, told) in cases {
        let email = stage.email(&format!("one{role}"));
        let user = stage.employee(&email, stage.studio.main, &["*"]).await;
        if !role.is_empty() {
            own(&stage, user, role).await;
        }
        let refused = stage.login(&email, PASSWORD).await;
        assert_eq!(refused.code(), (403, "tenants.suspended"));
        assert_eq!(fact(&refused, "tenant.suspended_because"), told, "{role}");
    }
    stage.api.stop().await;
}

#[tokio::test]
async fn ten_14_a_user_of_another_tenant_signs_in_there_and_a_stranger_learns_nothing() {
    let (stage, other) = (Stage::open().await, TestTenant::open().await);
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    join(&other, user).await;
    let here = json!({ "email": email, "password": PASSWORD, "tenant_id": stage.studio.tenant });
    assert_eq!(stage.post("/auth/login", here.clone()).await.status, 200, "used last");
    set_status(&stage.studio.db, stage.studio.tenant, Suspended, "unpaid").await;

    let elsewhere = stage.login(&email, PASSWORD).await;
    assert_eq!((elsewhere.status, tenant(&elsewhere)), (200, other.tenant));
    assert_eq!(elsewhere.body["tenants"].as_array().unwrap().len(), 1, "the one that one can go to");
    assert_eq!(stage.post("/auth/login", here).await.code(), (403, "tenants.suspended"));

    let stranger = stage.email("eve");
    let eve = stage.person(&stranger).await;
    join(&other, eve).await;
    let theirs = json!({ "email": stranger, "password": PASSWORD, "tenant_id": stage.studio.tenant });
    assert_eq!(stage.post("/auth/login", theirs).await.code(), (403, "auth.login.not_a_member"));
    // An archived client no longer belongs to the tenant.
    let put_away = "UPDATE crm.clients SET status = 'archived' WHERE tenant_id = $1 AND user_id = $2";
    let (tenant, user) = (stage.studio.tenant.uuid(), user.uuid());
    stage.studio.sql.execute(put_away, &[&tenant, &user]).await.unwrap();
    let left = json!({ "email": email, "password": PASSWORD, "tenant_id": stage.studio.tenant });
    assert_eq!(stage.post("/auth/login", left).await.code(), (403, "auth.login.not_a_member"));
    stage.api.stop().await;
}

#[tokio::test]
async fn ten_04_a_deleted_tenant_looks_as_if_it_did_not_exist() {
    let stage = Stage::open().await;
    let (email, studio) = (stage.email("ada"), &stage.studio);
    let (user, _) = stage.client(&email).await;
    own(&stage, user, "owner").await;
    let signed_in = stage.login(&email, PASSWORD).await;
    set_status(&studio.db, studio.tenant, Deleted, "closed down").await;
    let refresh = json!({ "refresh_token": signed_in.refresh() });
    assert_eq!(stage.post("/auth/refresh", refresh).await.code(), (403, "auth.session.no_membership"));
    assert_eq!(stage.get(&signed_in.access(), "/auth/me").await.code(), (403, "auth.session.no_membership"));
    assert_eq!(stage.login(&email, PASSWORD).await.code(), (403, "auth.login.no_membership"));
    let asked = json!({ "email": email, "password": PASSWORD, "tenant_id": studio.tenant });
    assert_eq!(stage.post("/auth/login", asked).await.code(), (403, "auth.login.not_a_member"));
    stage.api.stop().await;
}
