//! Consents of clients over HTTP, as staff record them (AUT-18).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on ends")]

use crate::caller::Caller;
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use tryzore_crm_api::routes::routes;
use tryzore_testkit::{Service, TestTenant, http::Api};

fn answer(channel: &str, is_given: bool) -> Value {
    json!({ "purpose": "marketing", "channel": channel, "is_given": is_given, "source": "form", "note": "Form 12" })
}

#[tokio::test]
async fn aut_18_staff_record_and_withdraw_and_the_proof_stays() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let staff = Caller::staff(&api, &studio, studio.main, &["clients.*", "settings.edit_gym"]);
    let member = studio.member(studio.main).await;
    let (path, ledger) = (
        format!("/clients/{}/consents", member.client),
        format!("/clients/{}/consent-entries", member.client),
    );
    assert_eq!(staff.get(&path).await.body["data"], json!([]));

    let given = staff.send(Method::POST, &path, &[], Some(&answer("email", true))).await;
    assert_eq!((given.status, &given.body["is_given"]), (201, &json!(true)), "{:?}", given.body);
    assert_eq!(given.body["is_outdated"], false);
    let text = json!({ "text": "You may write to me about offers." });
    let saved = staff.send(Method::PUT, "/consent-texts/marketing", &[], Some(&text)).await;
    assert_eq!((saved.status, &saved.body["text_version"]), (200, &json!(1)), "{:?}", saved.body);
    assert_eq!(staff.get("/consent-texts").await.body["data"][0]["text"], text["text"]);
    assert_eq!(staff.get(&path).await.body["data"][0]["is_outdated"], true);
    let unnamed = staff.send(Method::POST, &path, &[], Some(&answer("sms", true))).await;
    assert_eq!((unnamed.status, &unnamed.body["errors"][0]["pointer"]), (422, &json!("/text_version")));
    let unknown = staff.send(Method::PUT, "/consent-texts/party", &[], Some(&text)).await;
    assert!(matches!(unknown.status, 400 | 404), "{:?}", unknown.body);

    studio.clock.pass(Duration::seconds(1));
    let withdrawn = staff.send(Method::POST, &path, &[], Some(&answer("any", false))).await;
    assert_eq!(withdrawn.status, 201);
    let held = staff.get(&path).await.body["data"].clone();
    let held: Vec<_> =
        held.as_array().unwrap().iter().map(|one| (&one["channel"], &one["is_given"])).collect();
    assert_eq!(held, [(&json!("email"), &json!(false)), (&json!("any"), &json!(false))]);
    let profile = staff.get(&format!("/clients/{}", member.client)).await;
    assert_eq!(profile.body["marketing_consent"], false, "the profile follows");

    let first = staff.get(&format!("{ledger}?limit=1")).await.body;
    let next = first["next_cursor"].as_str().unwrap();
    let second = staff.get(&format!("{ledger}?limit=1&cursor={next}")).await.body;
    assert_eq!(
        (&first["data"][0]["channel"], &second["data"][0]["channel"]),
        (&json!("any"), &json!("email"))
    );
    let proof = &first["data"][0]["proof"];
    assert_eq!((&proof["note"], &proof["ip_address"]), (&json!("Form 12"), &json!("127.0.0.1")));
    assert!(proof["recorded_by_user_id"].is_string());
    api.stop().await;
}

#[tokio::test]
async fn what_another_location_records_is_hidden_and_the_ledger_only_grows() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let downtown = studio.location("Downtown").await;
    let member = studio.member(studio.main).await;
    let path = format!("/clients/{}/consents", member.client);
    let stranger = Caller::staff(&api, &studio, downtown, &["clients.*", "settings.edit_gym"]);
    assert_eq!(stranger.get(&path).await.status, 404);
    assert_eq!(stranger.send(Method::POST, &path, &[], Some(&answer("any", true))).await.status, 404);
    let entries = format!("/clients/{}/consent-entries", member.client);
    assert_eq!(stranger.get(&entries).await.status, 404);
    let text = json!({ "text": "Everywhere." });
    let refused = stranger.send(Method::PUT, "/consent-texts/photos", &[], Some(&text)).await;
    assert_eq!(refused.refusal(), (403, "crm.consent_text.other_locations"));

    let staff = Caller::staff(&api, &studio, studio.main, &["clients.*"]);
    assert_eq!(staff.send(Method::POST, &path, &[], Some(&answer("any", true))).await.status, 201);
    // Another tenant sees nothing of it, and no service changes it.
    let other = TestTenant::open().await;
    assert_eq!(other.count("SELECT count(*) FROM crm.consents").await, 0);
    for service in [Service::Api, Service::Work] {
        let client = studio.database.client(service).await;
        for statement in ["UPDATE crm.consents SET is_given = true", "DELETE FROM crm.consents"] {
            let refused = client.execute(statement, &[]).await.unwrap_err();
            assert_eq!(refused.code().unwrap().code(), "42501", "{statement}");
        }
    }
    api.stop().await;
}
