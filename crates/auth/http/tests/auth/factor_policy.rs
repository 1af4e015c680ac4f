//! What a tenant requires of second factors, over HTTP.

use crate::{
    factors::App,
    stage::{Answer, PASSWORD, Stage},
};
use chrono::{Duration, TimeDelta};
use serde_json::{Value, json};

const A_MICROSECOND: TimeDelta = Duration::microseconds(1);

fn policy(is_required: bool, role_ids: Value, grace_days: i32, step_up: Value) -> Value {
    json!({ "is_required": is_required, "role_ids": role_ids, "grace_days": grace_days, "step_up": step_up })
}

/// Signs in someone who works at the first location with the permissions `patterns`.
async fn employee(stage: &Stage, name: &str, patterns: &[&str]) -> String {
    let email = stage.email(name);
    let user = stage.employee(&email, stage.studio.main, patterns).await;
    // On the clock of the test, which is not that of the machine.
    let joined = "UPDATE rbac.assignments SET created_at = $2 WHERE user_id = $1";
    stage.studio.sql.execute(joined, &[&user.uuid(), &stage.studio.now()]).await.unwrap();
    stage.login(&email, PASSWORD).await.access()
}

/// Someone with every permission, who has just set an app up.
async fn owner(stage: &Stage) -> (String, App) {
    let token = employee(stage, "owner", &["*"]).await;
    let app = App::set_up(stage, &token).await;
    (token, app)
}

async fn keys(stage: &Stage, token: &str) -> Answer {
    stage.get(token, "/api-keys").await
}

#[tokio::test]
async fn aut_12_a_permission_can_require_a_factor_used_within_minutes() {
    let stage = Stage::open().await;
    let (token, app) = owner(&stage).await;
    let read = stage.get(&token, "/factor-policy").await;
    assert_eq!((read.status, &read.body["version"], &read.body["step_up"]), (200, &json!(0), &json!([])));
    let rules = json!([{ "permission": "settings.manage_roles", "within_minutes": 15 }]);
    let set = stage.put(&token, "/factor-policy", 0, policy(false, json!([]), 0, rules.clone())).await;
    assert_eq!((set.status, &set.body["version"], &set.body["step_up"]), (200, &json!(1), &rules));
    let stale = stage.put(&token, "/factor-policy", 0, policy(false, json!([]), 0, json!([]))).await;
    assert_eq!(stale.status, 412);

    let used = stage.studio.now() - Duration::seconds(30);
    stage.studio.clock.pass(used + Duration::minutes(15) - stage.studio.now());
    assert_eq!(keys(&stage, &token).await.status, 200, "15 minutes after the app was confirmed");
    stage.studio.clock.pass(A_MICROSECOND);
    let refused = keys(&stage, &token).await;
    assert_eq!(refused.code(), (403, "auth.factor.step_up_required"));
    assert_eq!(stage.get(&token, "/auth/me").await.status, 200, "another permission");
    let verified = stage.post_as(&token, "/auth/factors/verify", json!({ "code": app.code(&stage) })).await;
    assert_eq!(verified.status, 200);
    assert_eq!(keys(&stage, &token).await.status, 200, "at once");
    stage.api.stop().await;
}

#[tokio::test]
async fn after_the_grace_whoever_has_no_factor_can_only_set_one_up() {
    let stage = Stage::open().await;
    let (token, _) = owner(&stage).await;
    let email = stage.email("bea");
    let bea = employee(&stage, "bea", &["settings.manage_roles"]).await;
    assert_eq!(keys(&stage, &bea).await.status, 200);
    let set = stage.put(&token, "/factor-policy", 0, policy(true, json!([]), 1, json!([]))).await;
    assert_eq!(set.status, 200);
    let me = stage.get(&bea, "/auth/me").await;
    let (since, end) = (stage.studio.now(), stage.studio.now() + Duration::days(1));
    assert_eq!(
        me.body["second_factor"],
        json!({ "last_used_at": null, "required_since": since, "grace_ends_at": end })
    );

    stage.studio.clock.pass(Duration::days(1) - A_MICROSECOND);
    let bea = stage.login(&email, PASSWORD).await.access();
    assert_eq!(keys(&stage, &bea).await.status, 200);
    stage.studio.clock.pass(A_MICROSECOND);
    let refused = keys(&stage, &bea).await;
    assert_eq!(refused.code(), (403, "auth.factor.enrollment_required"));
    assert_eq!(refused.body["denial"]["remedy"]["action"], "enroll_totp");
    assert_eq!(stage.get(&bea, "/auth/factors").await.status, 200);
    App::set_up(&stage, &bea).await;
    assert_eq!(keys(&stage, &bea).await.status, 200, "at once");
    let me = stage.get(&bea, "/auth/me").await;
    assert_eq!(me.body["second_factor"]["grace_ends_at"], Value::Null);
    stage.api.stop().await;
}

#[tokio::test]
async fn a_factor_can_be_required_of_some_roles() {
    let stage = Stage::open().await;
    let (token, _) = owner(&stage).await;
    let (bea, cem) = (
        employee(&stage, "bea", &["settings.manage_roles"]).await,
        employee(&stage, "cem", &["settings.manage_roles"]).await,
    );
    let user = stage.user(&stage.email("bea")).await.uuid();
    let query = "SELECT role_id FROM rbac.assignments WHERE user_id = $1";
    let role: uuid::Uuid = stage.studio.sql.query_one(query, &[&user]).await.unwrap().get(0);
    let role = tryzore_kernel::RoleId::from(role);
    let set = stage.put(&token, "/factor-policy", 0, policy(false, json!([role]), 0, json!([]))).await;
    assert_eq!((set.status, &set.body["role_ids"]), (200, &json!([role])), "{set:?}");
    let (bea_again, cem_again) = (stage.login(&stage.email("bea"), PASSWORD).await, keys(&stage, &cem).await);
    assert_eq!(keys(&stage, &bea_again.access()).await.code(), (403, "auth.factor.enrollment_required"));
    assert_eq!(cem_again.status, 200, "another role");
    assert_eq!(keys(&stage, &bea).await.status, 403);
    let unknown = tryzore_kernel::RoleId::generate(stage.studio.now());
    let refused = stage.put(&token, "/factor-policy", 1, policy(false, json!([unknown]), 0, json!([]))).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/role_ids")));
    stage.api.stop().await;
}

#[tokio::test]
async fn a_policy_is_set_by_whoever_manages_staff_everywhere_and_has_a_factor() {
    let stage = Stage::open().await;
    let everyone = policy(true, json!([]), 14, json!([]));
    let without = employee(&stage, "bea", &["settings.manage_staff"]).await;
    let refused = stage.put(&without, "/factor-policy", 0, everyone.clone()).await;
    assert_eq!(refused.code(), (409, "auth.factor.none"));
    App::set_up(&stage, &without).await;
    assert_eq!(stage.put(&without, "/factor-policy", 0, everyone.clone()).await.status, 200);

    stage.studio.location("Downtown").await;
    let refused = stage.put(&without, "/factor-policy", 1, everyone.clone()).await;
    assert_eq!(refused.code(), (403, "auth.factor_policy.beyond_reach"));
    let nobody = employee(&stage, "cem", &["events.*"]).await;
    let refused = stage.put(&nobody, "/factor-policy", 1, everyone).await;
    assert_eq!(refused.code(), (403, "rbac.permission.missing"));
    stage.api.stop().await;
}

#[tokio::test]
async fn a_key_loses_what_comes_to_require_a_factor() {
    let stage = Stage::open().await;
    let (token, _) = owner(&stage).await;
    let form = json!({
        "name": "Door", "organization_id": stage.studio.main, "permissions": ["events.*", "clients.view_all"],
        "expires_at": stage.studio.now() + Duration::days(1)
    });
    let key = stage.post_as(&token, "/api-keys", form).await.text("/text");
    let held = async || {
        let db = stage.studio.database.as_service(tryzore_testkit::Service::Api, stage.studio.clock.clone());
        let (text, now) = (secrecy::SecretString::from(key.clone()), stage.studio.now());
        let work = async |tx: &mut tryzore_postgres::AuthTx| {
            use tryzore_auth_postgres::Auth;
            tryzore_auth::verify_api_key::verify_api_key(&mut tx.auth(), &text, now).await
        };
        db.auth_tx(work).await.unwrap().unwrap().held()
    };
    assert!(held().await.contains(tryzore_rbac::Slug::CANCEL_EVENT));
    let rules = json!([{ "permission": "events.cancel", "within_minutes": 15 }]);
    assert_eq!(stage.put(&token, "/factor-policy", 0, policy(false, json!([]), 0, rules)).await.status, 200);
    let held = held().await;
    assert!(
        !held.contains(tryzore_rbac::Slug::CANCEL_EVENT) && held.contains(tryzore_rbac::Slug::CREATE_EVENT)
    );
    stage.api.stop().await;
}
