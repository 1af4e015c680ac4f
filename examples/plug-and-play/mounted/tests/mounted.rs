//! The application as a process on a database of its own: a client signs in, looks, books and is refused.

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tryzore_kernel::{Clock, SystemClock};
use tryzore_testkit::{Database, Process, Service, demo};

/// What the application answers to `token`, if there is one.
async fn ask(url: &str, token: Option<&str>, method: Method, path: &str, body: Option<Value>) -> Response {
    let mut request = Client::new().request(method, format!("{url}{path}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    request.send().await.unwrap()
}

async fn json(answer: Response, status: u16) -> Value {
    let (got, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_books_in_an_application_of_others() {
    let database = Database::own().await;
    let now = SystemClock.now();
    demo::write(&database.owner_url(), now).await.unwrap();
    let mut process = Process::start(env!("CARGO_BIN_EXE_mounted"), &database, Service::Api, &[]);
    process.ready().await;
    let url = process.url();

    let own = ask(&url, None, Method::GET, "/hello", None).await;
    assert_eq!(own.text().await.unwrap(), "Hello from the Lagoon.");

    let range = format!("from={}&to={}", at(now), at(now + chrono::Duration::days(3)));
    let list = format!("/api/v1/events?{range}");
    let stranger = json(ask(&url, None, Method::GET, &list, None).await, 401).await;
    assert_eq!(stranger["status"], 401);

    let who = json!({ "email": "client@demo.com", "password": demo::PASSWORD });
    let signed_in = json(ask(&url, None, Method::POST, "/api/v1/auth/login", Some(who)).await, 200).await;
    let token = signed_in["access_token"].as_str();

    let listed = json(ask(&url, token, Method::GET, &list, None).await, 200).await;
    let events = listed["data"].as_array().unwrap();
    let event = events.iter().find(|event| event["is_full"] == false).unwrap();
    let book = format!("/api/v1/events/{}/book", event["id"].as_str().unwrap());
    let booked = json(ask(&url, token, Method::POST, &book, None).await, 201).await;
    assert_eq!(booked["event_id"], event["id"]);

    let refused = json(ask(&url, token, Method::POST, &book, None).await, 409).await;
    assert_eq!(refused["code"], "events.book.already_booked");
    assert_eq!(refused["denial"]["because"][0]["fact"], "booking");
    assert_eq!(refused["denial"]["remedy"]["text"], "You have a spot already.");
    let decision = format!("/api/v1/decisions/{}", refused["denial"]["decision_id"].as_str().unwrap());
    let explained = json(ask(&url, token, Method::GET, &decision, None).await, 200).await;
    assert_eq!(explained["code"], refused["code"]);

    // The other domains are not mounted, and an open stream does not hold the application up when it is to stop.
    json(ask(&url, token, Method::GET, "/api/v1/clients", None).await, 404).await;
    let stream = ask(&url, token, Method::GET, "/api/v1/stream", None).await;
    assert_eq!(stream.status(), 200);
    process.tell_to_stop();
    assert!(process.ended().await.success());
}

fn at(moment: chrono::DateTime<chrono::Utc>) -> String {
    moment.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
