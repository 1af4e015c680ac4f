//! The locations and tenants of a session (TEN-13, TEN-14).

use crate::stage::{PASSWORD, Stage, join, tenant};
use serde_json::json;
use tryzore_testkit::TestTenant;

#[tokio::test]
async fn ten_13_the_location_is_a_property_of_the_session() {
    let stage = Stage::open().await;
    let downtown = stage.studio.location("Downtown").await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let [phone, tablet] = [stage.login(&email, PASSWORD).await, stage.login(&email, PASSWORD).await];
    let here = async |token: &str| stage.get(token, "/auth/me").await.text("/organization/id");
    assert_eq!(here(&phone.access()).await, stage.studio.main.to_string());
    assert_eq!(here(&tablet.access()).await, stage.studio.main.to_string());

    // Of two sessions that were used at the same time neither is the last one.
    stage.studio.clock.pass(chrono::Duration::seconds(1));
    let form = json!({ "organization_id": downtown });
    let switched = stage.post_as(&phone.access(), "/auth/switch-organization", form).await;
    assert_eq!(switched.status, 200, "{:#}", switched.body);
    assert_eq!(switched.text("/organization/name"), "Downtown");
    for token in [switched.access(), phone.access()] {
        assert_eq!(here(&token).await, downtown.to_string(), "the session moved, whichever token names it");
    }
    assert_eq!(here(&tablet.access()).await, stage.studio.main.to_string());
    // The switch is an event in the stream of the tenant.
    let heard =
        "SELECT count(*) FROM runtime.outbox WHERE kind = 'auth.location_switched' AND subject_id = '";
    assert_eq!(stage.studio.count(&format!("{heard}{}'", user.uuid())).await, 1);
    // The next sign-in starts where the last session was.
    let again = stage.login(&email, PASSWORD).await;
    assert_eq!(again.text("/organization/id"), downtown.to_string());
    stage.api.stop().await;
}

#[tokio::test]
async fn an_employee_switches_only_to_locations_where_they_work() {
    let stage = Stage::open().await;
    let downtown = stage.studio.location("Downtown").await;
    let email = stage.email("bea");
    stage.employee(&email, stage.studio.main, &["events.view_all"]).await;
    let signed_in = stage.login(&email, PASSWORD).await;
    assert_eq!(signed_in.body["available"].as_array().unwrap().len(), 1);
    let form = json!({ "organization_id": downtown });
    let refused = stage.post_as(&signed_in.access(), "/auth/switch-organization", form).await;
    assert_eq!(refused.code(), (403, "auth.switch_organization.not_available"));
    let decision = refused.text("/denial/decision_id");
    let why = stage.get(&signed_in.access(), &format!("/decisions/{decision}")).await;
    assert_eq!(why.text("/code"), "auth.switch_organization.not_available");
    stage.api.stop().await;
}

#[tokio::test]
async fn a_sign_in_costs_as_many_statements_however_many_tenants_the_user_has() {
    let mut studio = TestTenant::open().await;
    let tap = studio.tap().await;
    let stage = Stage::around(studio).await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let cost = async |tenants: usize| {
        let before = tap.statements();
        let signed_in = stage.login(&email, PASSWORD).await;
        assert_eq!(signed_in.body["tenants"].as_array().unwrap().len(), tenants);
        tap.statements() - before
    };
    join(&TestTenant::open().await, user).await;
    // The first sign-in also sets the connections up.
    cost(2).await;
    let few = cost(2).await;
    for _ in 0..4 {
        join(&TestTenant::open().await, user).await;
    }
    assert_eq!(cost(6).await, few);
    stage.api.stop().await;
}

#[tokio::test]
async fn ten_13_the_location_switcher_costs_as_many_statements_however_many_tenants_the_user_has() {
    let mut studio = TestTenant::open().await;
    let tap = studio.tap().await;
    let stage = Stage::around(studio).await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    join(&TestTenant::open().await, user).await;
    let access = stage.login(&email, PASSWORD).await.access();
    let cost = async |tenants: usize| {
        let before = tap.statements();
        let choices = stage.get(&access, "/auth/organizations").await;
        let choices = choices.body["data"].as_array().unwrap().clone();
        assert_eq!(choices.len(), tenants);
        assert!(choices.iter().all(|choice| choice["organizations"].as_array().unwrap().len() == 1));
        tap.statements() - before
    };
    // The first request also sets the connections up.
    cost(2).await;
    let few = cost(2).await;
    for _ in 0..4 {
        join(&TestTenant::open().await, user).await;
    }
    assert_eq!(cost(6).await, few);
    stage.api.stop().await;
}

#[tokio::test]
async fn ten_14_one_user_in_two_tenants_and_never_the_data_of_one_in_the_other() {
    let (stage, other) = (Stage::open().await, TestTenant::open().await);
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    join(&other, user).await;

    let at =
        |studio: &TestTenant| json!({ "email": email, "password": PASSWORD, "tenant_id": studio.tenant });
    let ours = stage.post("/auth/login", at(&stage.studio)).await;
    let theirs = stage.post("/auth/login", at(&other)).await;
    assert_eq!((tenant(&ours), tenant(&theirs)), (stage.studio.tenant, other.tenant));
    assert_eq!(ours.body["tenants"].as_array().unwrap().len(), 2);
    assert_eq!(theirs.text("/available/0/id"), other.main.to_string());
    assert_eq!(theirs.body["available"].as_array().unwrap().len(), 1);

    let choices = stage.get(&ours.access(), "/auth/organizations").await;
    let choices = choices.body["data"].as_array().unwrap().clone();
    assert_eq!(choices.len(), 2);
    for choice in choices {
        let studio = if choice["is_current"] == true { &stage.studio } else { &other };
        assert_eq!(choice["id"], json!(studio.tenant));
        assert_eq!(choice["organizations"][0]["id"], json!(studio.main));
    }
    let form = json!({ "organization_id": other.main });
    let refused = stage.post_as(&ours.access(), "/auth/switch-organization", form).await;
    assert_eq!(refused.code(), (403, "auth.switch_organization.not_available"));

    let stranger = TestTenant::open().await;
    let refused = stage.post("/auth/login", at(&stranger)).await;
    assert_eq!(refused.code(), (403, "auth.login.not_a_member"));
    // Without a given tenant: the one used last.
    stage.studio.clock.pass(chrono::Duration::minutes(2));
    assert_eq!(stage.get(&theirs.access(), "/auth/sessions").await.status, 200);
    assert_eq!(tenant(&stage.login(&email, PASSWORD).await), other.tenant);
    stage.api.stop().await;
}
