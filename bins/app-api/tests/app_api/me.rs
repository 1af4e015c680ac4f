//! One's own data over HTTP (MEM-10).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on ends")]

use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::sync::Arc;
use tryzore_app_api::routes::routes;
use tryzore_kernel::UserId;
use tryzore_rbac::Grants;
use tryzore_testkit::{TestTenant, http::Api};

async fn call(
    api: &Api,
    grants: Arc<Grants>,
    method: Method,
    tag: Option<&str>,
    body: Option<Value>,
) -> (u16, Value) {
    let url = format!("{}/api/v1/me", api.url());
    let mut request = Client::new().request(method, url).bearer_auth(api.admit(grants));
    if let Some(tag) = tag {
        request = request.header("If-Match", tag);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    let (status, tag) = (response.status().as_u16(), response.headers().get("etag").cloned());
    let body: Value = response.json().await.unwrap();
    if let Some(version) = body["version"].as_i64() {
        assert_eq!(tag.unwrap(), format!("\"v{version}\""), "what has a version has it as its ETag");
    }
    (status, body)
}

#[tokio::test]
async fn mem_10_a_client_reads_and_puts_right_what_the_gym_keeps_of_her() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let me = || studio.as_client(ada, studio.main);

    let (status, read) = call(&api, me(), Method::GET, None, None).await;
    assert_eq!((status, &read["id"], &read["version"]), (200, &json!(ada.client), &json!(1)));
    let change =
        json!({"given_name": "Adele", "phone": "333 1234567", "locale": "en_us", "marketing_consent": true});
    let (status, changed) = call(&api, me(), Method::PUT, Some("\"v1\""), Some(change)).await;
    assert_eq!(
        (status, &changed["phone"], &changed["locale"]),
        (200, &json!("+393331234567"), &json!("en-US")),
        "{changed}"
    );
    assert_eq!((&changed["given_name"], &changed["family_name"]), (&json!("Adele"), &json!("Rossi")));
    let (status, stale) = call(&api, me(), Method::PUT, Some("\"v1\""), Some(json!({"locale": null}))).await;
    assert_eq!((status, &stale["code"]), (412, &json!("request.stale")));
    let (_, others) = call(&api, studio.as_client(bea, studio.main), Method::GET, None, None).await;
    assert_eq!((&others["given_name"], &others["version"]), (&json!("Ada"), &json!(1)), "and of nobody else");
    assert_eq!(studio.count("SELECT count(*) FROM runtime.outbox WHERE kind = 'crm.client_edited'").await, 1);
    api.stop().await;
}

#[tokio::test]
async fn what_is_wrong_or_not_theirs_is_named() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let ada = studio.member(studio.main).await;
    for (body, pointer) in [
        (json!({"email": "new@example.com"}), "/email"),
        (json!({"home_organization": studio.main}), "/home_organization"),
        (json!({"joined_on": "2020-01-01"}), "/joined_on"),
        (json!({"given_name": null}), "/given_name"),
        (json!({"given_name": "@"}), "/given_name"),
        (json!({"phone": "12"}), "/phone"),
        (json!({"locale": "italian"}), "/locale"),
        (json!({"birth_date": "2026-03-03"}), "/birth_date"),
        (json!({"birth_date": 3}), "/birth_date"),
    ] {
        let (status, problem) =
            call(&api, studio.as_client(ada, studio.main), Method::PUT, None, Some(body)).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!(pointer)), "{problem}");
    }
    api.stop().await;
}

#[tokio::test]
async fn who_is_no_client_here_is_told_so() {
    let (studio, other) = (TestTenant::open().await, TestTenant::open().await);
    let api = Api::start(&studio, routes);
    let member = other.member(other.main).await;
    // Signed in to this tenant, and a client of another one.
    for grants in [
        studio.as_staff(UserId::generate(studio.now()), studio.main, &["clients.*"]),
        studio.as_client(member, studio.main),
    ] {
        for (method, body) in [(Method::GET, None), (Method::PUT, Some(json!({})))] {
            let (status, problem) = call(&api, grants.clone(), method, None, body).await;
            assert_eq!((status, &problem["code"]), (404, &json!("not_found")));
        }
    }
    api.stop().await;
}

#[tokio::test]
async fn aut_18_a_client_gives_and_withdraws_consents_of_her_own() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let call = async |who, method: Method, body: Option<Value>| {
        let token = api.admit(studio.as_client(who, studio.main));
        let request = Client::new().request(method, format!("{}/api/v1/me/consents", api.url()));
        let request = request.bearer_auth(token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let email = |is_given| json!({ "purpose": "marketing", "channel": "email", "is_given": is_given });
    let (status, given) = call(ada, Method::POST, Some(email(true))).await;
    assert_eq!((status, &given["source"], &given["organization_id"]), (201, &json!("app"), &Value::Null));
    let photos = json!({ "purpose": "photos", "is_given": true, "organization_id": studio.main });
    assert_eq!(call(ada, Method::POST, Some(photos)).await.0, 201);
    let nowhere = json!({ "purpose": "photos", "is_given": true, "organization_id":
        tryzore_kernel::OrganizationId::generate(studio.now()) });
    assert_eq!(call(ada, Method::POST, Some(nowhere)).await.0, 404);
    let every = json!({ "purpose": "marketing", "is_given": false });
    assert_eq!(call(ada, Method::POST, Some(every)).await.0, 201);
    let (_, held) = call(ada, Method::GET, None).await;
    let held = held["data"].as_array().unwrap();
    let held: Vec<_> = held.iter().map(|one| (&one["purpose"], &one["channel"], &one["is_given"])).collect();
    let of = |purpose: &str, channel: &str, given: bool| (json!(purpose), json!(channel), json!(given));
    let expected =
        [of("marketing", "email", false), of("marketing", "any", false), of("photos", "any", true)];
    assert_eq!(held, expected.each_ref().map(|(purpose, channel, given)| (purpose, channel, given)));
    let (_, others) = call(bea, Method::GET, None).await;
    assert_eq!(others["data"], json!([]));
    api.stop().await;
}
