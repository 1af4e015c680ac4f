//! Devices, events, settings and the security center (AUT-12 to AUT-15).

use crate::stage::{Answer, PASSWORD, Stage, operations};
use chrono::Duration;
use serde_json::{Value, json};
use tryzore_testkit::{Service, TestTenant, http::Api};

async fn login_on(stage: &Stage, email: &str, device: &str) -> Answer {
    let body = json!({ "email": email, "password": PASSWORD, "device": { "id": device, "name": device } });
    let signed_in = stage.post("/auth/login", body).await;
    assert_eq!(signed_in.status, 200, "{:#}", signed_in.body);
    signed_in
}

async fn refresh_on(stage: &Stage, token: &str, device: &str) -> Answer {
    stage.post("/auth/refresh", json!({ "refresh_token": token, "device": { "id": device } })).await
}

async fn devices(stage: &Stage, token: &str) -> Vec<Value> {
    stage.get(token, "/auth/devices").await.body["data"].as_array().unwrap().clone()
}

fn kinds(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

fn sorted<'k>(kinds: &[&'k str]) -> Vec<&'k str> {
    let mut kinds = kinds.to_vec();
    kinds.sort_unstable();
    kinds
}

#[tokio::test]
async fn aut_13_a_device_is_listed_trusted_and_revoked() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let phone = login_on(&stage, &email, "phone").await;
    assert_eq!(stage.events("auth.signed_in_on_new_device", user).await, 0, "the first one");
    stage.studio.clock.pass(Duration::seconds(1));
    let laptop = login_on(&stage, &email, "laptop").await;
    assert_eq!(stage.events("auth.signed_in_on_new_device", user).await, 1);
    let listed = devices(&stage, &phone.access()).await;
    let names: Vec<_> = listed.iter().map(|device| (&device["name"], &device["is_current"])).collect();
    assert_eq!(names, [(&json!("laptop"), &json!(false)), (&json!("phone"), &json!(true))]);

    let path = format!("/auth/devices/{}", listed[0]["id"].as_str().unwrap());
    let form = json!({ "name": "Work laptop", "is_trusted": true });
    let edited = stage.replace(&phone.access(), &path, form.clone()).await;
    assert_eq!((edited.status, &edited.body["name"]), (200, &json!("Work laptop")));
    assert_eq!(edited.body["is_trusted"], true);
    let refused = stage.replace(&phone.access(), &path, json!({ "name": "", "is_trusted": true })).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/name")));

    // Somebody else's device is as if it were not there.
    let other = stage.email("eve");
    stage.client(&other).await;
    let eve = login_on(&stage, &other, "phone").await;
    assert_eq!(stage.replace(&eve.access(), &path, form).await.status, 404);
    assert_eq!(stage.delete(&eve.access(), &path).await.status, 404);

    let revoked = stage.delete(&phone.access(), &path).await;
    assert_eq!((revoked.status, &revoked.body["ended"]), (200, &json!(1)));
    assert_eq!(stage.get(&laptop.access(), "/auth/me").await.status, 401, "at once");
    let ended = refresh_on(&stage, &laptop.refresh(), "laptop").await;
    assert_eq!(ended.code(), (401, "auth.session.revoked"));
    assert_eq!(stage.get(&phone.access(), "/auth/me").await.status, 200);
    assert_eq!(devices(&stage, &phone.access()).await.len(), 1);
    login_on(&stage, &email, "laptop").await;
    assert_eq!(stage.events("auth.signed_in_on_new_device", user).await, 2, "it is new again");
    let again = devices(&stage, &phone.access()).await;
    assert_eq!(again.iter().filter(|device| device["is_trusted"] == true).count(), 0);
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_15_the_security_center_has_it_all_in_one_answer() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    stage.login(&email, "not the password").await;
    stage.studio.clock.pass(Duration::seconds(1));
    let phone = login_on(&stage, &email, "phone").await;
    stage.studio.clock.pass(Duration::seconds(1));
    let laptop = login_on(&stage, &email, "laptop").await;
    // Somebody else uses the first token of the laptop again.
    refresh_on(&stage, &laptop.refresh(), "laptop").await;
    stage.studio.clock.pass(Duration::minutes(1));
    let stolen = refresh_on(&stage, &laptop.refresh(), "laptop").await;
    assert_eq!(stolen.code(), (401, "auth.refresh.reused"));

    let center = stage.get(&phone.access(), "/auth/security-center").await;
    assert_eq!(center.status, 200, "{:#}", center.body);
    let counts = json!({ "high_risk": 1, "failed_sign_ins": 1, "revoked_devices": 0 });
    assert_eq!(center.body["risk"], json!({ "last_24h": counts, "last_7d": counts }));
    // What happened in one transaction has no order.
    let recent = kinds(&center.body["timeline"]["last_24h"]);
    assert_eq!(sorted(&recent[..2]), ["refresh_reused", "session_revoked"]);
    assert_eq!(recent[2..5], ["sign_in", "sign_in", "sign_in_failed"]);
    let newest = center.body["timeline"]["last_24h"].as_array().unwrap();
    let newest = newest.iter().find(|event| event["kind"] == "refresh_reused").unwrap();
    assert_eq!((&newest["risk"], &newest["signals"]), (&json!("high"), &json!(["token_reuse"])));
    assert_eq!((&newest["ip_address"], &newest["network"]), (&json!("127.0.0.1"), &json!("127.0.0.0/24")));
    assert_eq!(
        (&center.body["session_count"], center.body["devices"].as_array().unwrap().len()),
        (&json!(1), 2)
    );
    let codes: Vec<_> =
        center.body["actions"].as_array().unwrap().iter().map(|a| a["code"].clone()).collect();
    assert_eq!(codes, ["change_password", "review_new_device", "add_second_factor"]);

    // A day later the events have moved on, and a new password settles the theft.
    stage.studio.clock.pass(Duration::hours(24) - Duration::minutes(60));
    let user = stage.user(&email).await;
    stage.post("/auth/forgot-password", json!({ "email": email })).await;
    let token = stage.link(user, tryzore_auth::Purpose::PasswordReset).await.unwrap();
    let chosen = json!({ "token": token, "password": "another horse battery" });
    assert_eq!(stage.post("/auth/reset-password", chosen).await.status, 200);
    stage.studio.clock.pass(Duration::hours(1));
    let again = stage.login(&email, "another horse battery").await;
    let center = stage.get(&again.access(), "/auth/security-center").await.body;
    assert_eq!(
        (&center["risk"]["last_24h"]["high_risk"], &center["risk"]["last_7d"]["high_risk"]),
        (&json!(0), &json!(1))
    );
    let recent = kinds(&center["timeline"]["last_24h"]);
    assert_eq!(recent[0], "sign_in");
    assert_eq!(sorted(&recent[1..]), ["password_changed", "password_reset_requested", "session_revoked"]);
    assert!(kinds(&center["timeline"]["last_7d"]).contains(&"refresh_reused"));
    let codes: Vec<_> = center["actions"].as_array().unwrap().iter().map(|a| a["code"].clone()).collect();
    assert!(!codes.contains(&json!("change_password")), "{codes:?}");

    // The list has all of them, page by page.
    let first = stage.get(&again.access(), "/auth/events?limit=2").await.body;
    let next = first["next_cursor"].as_str().unwrap();
    let second = stage.get(&again.access(), &format!("/auth/events?limit=2&cursor={next}")).await.body;
    let listed = [kinds(&first["data"]), kinds(&second["data"])].concat();
    assert_eq!(listed, recent);
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_12_settings_are_kept_and_a_short_session_is_not_renewed() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let phone = login_on(&stage, &email, "phone").await;
    let default = json!({ "mail_on_new_device": true, "session_days": 365, "require_trusted_device": false });
    assert_eq!(stage.get(&phone.access(), "/auth/security-settings").await.body, default);
    let wished = json!({ "mail_on_new_device": false, "session_days": 1, "require_trusted_device": false });
    for _ in 0..2 {
        let put = stage.replace(&phone.access(), "/auth/security-settings", wished.clone()).await;
        assert_eq!((put.status, &put.body), (200, &wished));
    }
    let wrong = json!({ "mail_on_new_device": false, "session_days": 0, "require_trusted_device": false });
    let refused = stage.replace(&phone.access(), "/auth/security-settings", wrong).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/session_days")));
    stage.studio.clock.pass(Duration::hours(24) - Duration::microseconds(1));
    let renewed = refresh_on(&stage, &phone.refresh(), "phone").await;
    assert_eq!(renewed.status, 200);
    stage.studio.clock.pass(Duration::microseconds(1));
    let over = refresh_on(&stage, &renewed.refresh(), "phone").await;
    assert_eq!(over.code(), (401, "auth.session.expired"));
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_05_a_device_that_is_not_trusted_is_not_renewed_if_its_user_wants_so() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let phone = login_on(&stage, &email, "phone").await;
    let required = json!({ "mail_on_new_device": true, "session_days": 365, "require_trusted_device": true });
    let refused = stage.replace(&phone.access(), "/auth/security-settings", required.clone()).await;
    assert_eq!(refused.code(), (409, "auth.device.not_trusted"));
    let id = devices(&stage, &phone.access()).await[0]["id"].as_str().unwrap().to_owned();
    let trusted = json!({ "name": "Phone", "is_trusted": true });
    stage.replace(&phone.access(), &format!("/auth/devices/{id}"), trusted).await;
    assert_eq!(stage.replace(&phone.access(), "/auth/security-settings", required).await.status, 200);
    let laptop = login_on(&stage, &email, "laptop").await;
    let refused = refresh_on(&stage, &laptop.refresh(), "laptop").await;
    assert_eq!(refused.code(), (401, "auth.refresh.device_not_trusted"));
    assert_eq!(refresh_on(&stage, &phone.refresh(), "phone").await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_11_sign_out_everywhere_can_include_this_session() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let [one, two] = [login_on(&stage, &email, "one").await, login_on(&stage, &email, "two").await];
    let ended = stage.delete(&one.access(), "/auth/sessions?include_current=true").await;
    assert_eq!((ended.status, &ended.body["ended"]), (200, &json!(2)));
    for signed_in in [one, two] {
        assert_eq!(stage.get(&signed_in.access(), "/auth/me").await.status, 401);
    }
    stage.api.stop().await;
}

#[tokio::test]
async fn a_refused_sign_in_sends_the_same_statements_for_a_known_and_an_unknown_address() {
    let mut studio = TestTenant::open().await;
    let tap = studio.tap().await;
    let api = Api::start_with_sessions(&studio, operations).await;
    let stage = Stage::before(studio, api);
    let (known, unknown) = (stage.email("known"), stage.email("unknown"));
    let (user, _) = stage.client(&known).await;
    for email in [&known, &unknown] {
        stage.login(email, "warms the statements up").await;
    }
    let mut sent = Vec::new();
    for email in [&known, &unknown] {
        let before = tap.statements();
        assert_eq!(stage.login(email, "not the password").await.status, 401);
        sent.push(tap.statements() - before);
    }
    assert_eq!(sent[0], sent[1]);
    let events = "SELECT count(*) FROM identity.auth_events WHERE kind = 'sign_in_failed' AND user_id = $1";
    let count = stage.studio.sql.query_one(events, &[&user.uuid()]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 2);
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_14_no_service_changes_or_deletes_an_event() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    stage.login(&email, PASSWORD).await;
    let api = stage.studio.database.client(Service::Api).await;
    let work = stage.studio.database.client(Service::Work).await;
    for (client, statement) in [
        (&api, "UPDATE identity.auth_events SET risk = 'none'"),
        (&api, "DELETE FROM identity.auth_events"),
        (&work, "UPDATE identity.auth_events SET risk = 'none'"),
    ] {
        let refused = client.execute(statement, &[]).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{statement}");
    }
    stage.api.stop().await;
}
