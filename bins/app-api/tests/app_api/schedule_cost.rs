//! What a page costs the database does not depend on how much is on it or in the tenant.

use chrono::{Duration, SecondsFormat};
use reqwest::Client;
use serde_json::Value;
use tryzore_app_api::routes::routes;
use tryzore_testkit::{TestTenant, Wiretap, http::Api};

/// The rows of the page at `path`, and the statements that it cost.
async fn page(api: &Api, tap: &Wiretap, token: &str, path: &str) -> (usize, u64) {
    let before = tap.statements();
    let request = Client::new().get(format!("{}/api/v1{path}", api.url())).bearer_auth(token);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let page: Value = answer.json().await.unwrap();
    (page["data"].as_array().unwrap().len(), tap.statements() - before)
}

#[tokio::test]
async fn evt_15_a_page_costs_as_many_statements_however_much_is_on_it() {
    let mut studio = TestTenant::open().await;
    let ada = studio.member(studio.main).await;
    let tap = studio.tap().await;
    let api = Api::start(&studio, routes);
    let token = api.admit(studio.as_client(ada, studio.main));
    let text = |days| (studio.now() + Duration::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let schedule = format!("/events?from={}&to={}&limit=200", text(0), text(7));
    let paths = [schedule, "/bookings?limit=200".to_owned()];

    studio.booked_classes(ada, 2).await;
    // What is done once a connection is done.
    let mut few = Vec::new();
    for path in paths.iter().chain(&paths) {
        few.push(page(&api, &tap, &token, path).await);
    }
    let few = &few[paths.len()..];
    assert_eq!([few[0].0, few[1].0], [2, 2]);
    assert!(few.iter().all(|(_, statements)| (1..=3).contains(statements)), "{few:?}");

    studio.booked_classes(ada, 300).await;
    for (path, (_, statements)) in paths.iter().zip(few) {
        let (rows, now) = page(&api, &tap, &token, path).await;
        assert_eq!((rows, now), (200, *statements), "{path}");
    }
    api.stop().await;
}
