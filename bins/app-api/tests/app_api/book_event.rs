//! Booking over HTTP.

use chrono::Duration;
use reqwest::{Client, Response};
use serde_json::Value;
use tryzore_app_api::routes::routes;
use tryzore_kernel::EventId;
use tryzore_testkit::{TestTenant, http::Api};

async fn post(api: &Api, token: &str, event: EventId, key: Option<&str>) -> Response {
    let mut request =
        Client::new().post(format!("{}/api/v1/events/{event}/book", api.url())).bearer_auth(token);
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn evt_07_a_client_books_and_a_replay_returns_the_first_answer() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let member = studio.member(studio.main).await;
    let api = Api::start(&studio, routes);
    let token = api.admit(studio.as_client(member, studio.main));

    let first = post(&api, &token, class, Some("k1")).await;
    assert_eq!(first.status(), 201);
    let first = first.text().await.unwrap();

    let again = post(&api, &token, class, Some("k1")).await;
    assert_eq!(
        (again.status().as_u16(), again.headers()["idempotent-replayed"].to_str().unwrap()),
        (201, "true")
    );
    assert_eq!(again.headers()["content-type"], "application/json");
    assert_eq!(again.text().await.unwrap(), first, "byte for byte");
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(first["status"], "booked");

    let twice = post(&api, &token, class, Some("k2")).await;
    assert_eq!(twice.status(), 409);
    let problem: Value = twice.json().await.unwrap();
    assert_eq!(problem["code"], "events.book.already_booked");
    assert_eq!(problem["denial"]["because"][0]["value"], first["id"]);
    assert!(problem["denial"]["decision_id"].as_str().unwrap().starts_with("dec_"));
    api.stop().await;
}

#[tokio::test]
async fn ten_03_nothing_is_booked_at_a_location_that_has_closed() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let class = studio.class(downtown, 1, Duration::hours(5)).await;
    let [member, other] = [studio.member(downtown).await, studio.member(studio.main).await];
    let api = Api::start(&studio, routes);
    let status = "UPDATE tenancy.organizations SET status = $2 WHERE id = $1";
    studio.sql.execute(status, &[&downtown.uuid(), &"closed"]).await.unwrap();
    for (member, at) in [(member, downtown), (other, studio.main)] {
        let token = api.admit(studio.as_client(member, at));
        let refused = post(&api, &token, class, Some("k1")).await;
        assert_eq!(refused.status(), 409);
        let problem: Value = refused.json().await.unwrap();
        assert_eq!(problem["code"], "events.book.location_closed");
        let denial = &problem["denial"];
        assert_eq!(denial["because"][0]["value"], downtown.to_string());
        assert_eq!(denial["because"][1]["value"], "closed");
        assert_eq!(denial["remedy"]["action"], "list_schedule");
        assert!(denial["decision_id"].as_str().unwrap().starts_with("dec_"));
    }
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 0);
    // A refusal is not kept under its key: what stood against it may be gone.
    studio.sql.execute(status, &[&downtown.uuid(), &"active"]).await.unwrap();
    let token = api.admit(studio.as_client(member, downtown));
    assert_eq!(post(&api, &token, class, Some("k1")).await.status(), 201);
    api.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_is_a_problem() {
    let studio = TestTenant::open().await;
    let member = studio.member(studio.main).await;
    let api = Api::start(&studio, routes);
    let token = api.admit(studio.as_client(member, studio.main));
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let http = Client::new();
    let url = |path: &str| format!("{}/api/v1{path}", api.url());

    let cases = [
        (http.post(url(&format!("/events/{class}/book"))), 401, "auth.token.missing"),
        (http.post(url(&format!("/events/{class}/book"))).bearer_auth("forged"), 401, "auth.token.unknown"),
        (http.post(url("/events/bkg_1/book")).bearer_auth(&token), 400, "request.path"),
        (http.post(url("/nowhere")).bearer_auth(&token), 404, "not_found"),
        (http.put(url(&format!("/events/{class}/book"))).bearer_auth(&token), 405, "request.method"),
    ];
    for (request, status, code) in cases {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{code}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{code}");
        let trace = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let problem: Value = response.json().await.unwrap();
        assert_eq!(
            (problem["code"].as_str(), problem["trace_id"].as_str()),
            (Some(code), Some(trace.as_str()))
        );
    }
    api.stop().await;
}
