//! What clients are told while the platform has closed their tenant's door, in a process that hears of it
//! from another one (TEN-04).
//!
//! What is remembered of a session would be believed for 30 seconds: whatever comes well before that
//! came by the message.

use crate::kill::members;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tryzore_app_api::routes::routes;
use tryzore_postgres::{DatabaseConfig, invalidation::announce_invalidations};
use tryzore_tenancy::TenantStatus::{Active, Deleted, Suspended};
use tryzore_testkit::{Database, Service, TestTenant, http::Api, operator::set_status};

const SOON: Duration = Duration::from_secs(10);

async fn ask(api: &Api, token: &str, method: Method, path: &str) -> Response {
    let request = Client::new().request(method, format!("{}/api/v1{path}", api.url()));
    request.bearer_auth(token).send().await.unwrap()
}

async fn told(api: &Api, token: &str, method: Method, path: &str) -> (u16, Value) {
    let answer = ask(api, token, method, path).await;
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Asks until the answer has the status `status`; what it says then.
async fn until(api: &Api, token: &str, status: u16) -> Value {
    let began = Instant::now();
    loop {
        let (now, body) = told(api, token, Method::GET, "/bookings").await;
        if now == status {
            return body;
        }
        assert!(began.elapsed() < SOON, "still {now}: {body}");
    }
}

#[tokio::test]
async fn ten_04_a_client_of_a_suspended_tenant_is_told_so_at_once_and_goes_on_when_it_is_open_again() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let api = Api::start_with_sessions(&studio, routes).await;
    let _beside = api.background(&studio);
    let class = studio.class(studio.main, 5, chrono::Duration::hours(3)).await;
    let token = members(&studio, 1).await.remove(0);
    until(&api, &token, 200).await;
    let mut stream = ask(&api, &token, Method::GET, "/stream").await;
    assert_eq!(stream.status(), 200);

    // The operator's process is another one.
    let elsewhere = studio.database.as_service(Service::Api, studio.clock.clone());
    let config = DatabaseConfig::new(studio.database.url(Service::Api));
    let announcing = announce_invalidations(&elsewhere, &config).unwrap();
    set_status(&elsewhere, studio.tenant, Suspended, "unpaid since May").await;
    let refused = until(&api, &token, 403).await;
    assert_eq!(refused["code"], "tenants.suspended");
    let facts = [
        json!({ "fact": "tenant", "value": studio.tenant }),
        json!({ "fact": "tenant.suspended_at", "value": studio.now() }),
    ];
    assert_eq!(refused["denial"]["because"], json!(facts), "the reason is not a client's business");
    assert!(refused["denial"]["remedy"]["text"].is_string());
    let ended = timeout(SOON, async { while let Ok(Some(_)) = stream.chunk().await {} });
    ended.await.expect("the stream has ended");
    let book = format!("/events/{class}/book");
    for (method, path) in [(Method::POST, &*book), (Method::GET, "/me"), (Method::GET, "/stream")] {
        let (status, body) = told(&api, &token, method, path).await;
        assert_eq!((status, &body["code"]), (403, &json!("tenants.suspended")), "{path}");
    }
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 0);

    set_status(&elsewhere, studio.tenant, Active, "paid").await;
    until(&api, &token, 200).await;
    assert_eq!(told(&api, &token, Method::POST, &book).await.0, 201, "everything was kept");

    set_status(&elsewhere, studio.tenant, Deleted, "closed down").await;
    let gone = until(&api, &token, 403).await;
    assert_eq!(gone["code"], "auth.session.no_membership", "as if there were no such tenant");
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 1, "its rows stay");
    announcing.abort();
    api.stop().await;
}
