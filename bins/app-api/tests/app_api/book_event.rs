//! Booking over HTTP.

use chrono::Duration;
use reqwest::{Client, Response};
use serde_json::Value;
use tryzore_app_api::routes::routes;
use tryzore_kernel::EventId;
use tryzore_testkit::{Studio, http::Api};

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
    let studio = Studio::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let member = studio.member(studio.main).await;
    let api = Api::start(&studio, routes);
    let token = api.admit(studio.as_client(member, studio.main));

    let first = post(&api, &token, class, Some("k1")).await;
    assert_eq!(first.status(), 201);
    let first: Value = first.json().await.unwrap();
    assert_eq!(first["status"], "booked");

    let again = post(&api, &token, class, Some("k1")).await;
    assert_eq!(
        (again.status().as_u16(), again.headers()["idempotent-replayed"].to_str().unwrap()),
        (201, "true")
    );
    assert_eq!(again.json::<Value>().await.unwrap(), first);

    let twice = post(&api, &token, class, Some("k2")).await;
    assert_eq!(twice.status(), 409);
    let problem: Value = twice.json().await.unwrap();
    assert_eq!(problem["code"], "events.book.already_booked");
    assert_eq!(problem["denial"]["because"][0]["value"], first["id"]);
    assert!(problem["denial"]["decision"].as_str().unwrap().starts_with("dec_"));
    api.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_is_a_problem() {
    let studio = Studio::open().await;
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
