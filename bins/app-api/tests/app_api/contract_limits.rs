//! What the contract does not say is not taken: bodies that are too slow, packed or of another shape,
//! dates and ids in other forms.

use crate::addresses::wire;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::{num::NonZeroU32, time::Duration};
use tokio::time::{Instant, timeout};
use tryzore_app_api::routes::routes;
use tryzore_testkit::{TestTenant, http::Api};

/// A change of one's own data, as it is written to the wire.
fn put(token: &str, headers: &str, body: &str) -> String {
    format!(
        "PUT /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n{headers}\r\n\r\n{body}"
    )
}

/// A service in which a body may pause for a second, and a token for it.
async fn impatient() -> (TestTenant, Api, String) {
    let studio = TestTenant::open().await;
    let api = Api::start_with(&studio, routes, |http| http.body.idle_seconds = NonZeroU32::MIN);
    let member = studio.member(studio.main).await;
    let token = api.admit(studio.as_client(member, studio.main));
    (studio, api, token)
}

#[tokio::test]
async fn a_body_that_stops_coming_is_answered_408_and_its_connection_ends() {
    let (_studio, api, token) = impatient().await;
    let post = |headers: &str, body: &str| put(&token, headers, body);
    let address = api.url().strip_prefix("http://").unwrap().to_owned();
    let begun = Instant::now();
    for request in [
        post("Content-Length: 40", r#"{"email": "#),
        post("Transfer-Encoding: chunked", "5\r\n{\"ema\r\n"),
        post("Transfer-Encoding: chunked", "5\r\n{\"e"),
        post("Content-Length: 40", ""),
    ] {
        let answer = timeout(Duration::from_secs(60), wire(&address, &request)).await;
        let answer = answer.unwrap_or_else(|_| panic!("the connection is held: {request}"));
        assert!(answer.starts_with("HTTP/1.1 408"), "{request}: {answer}");
        assert!(
            answer.contains(r#""code":"request.too_slow""#) && answer.contains("x-request-id"),
            "{answer}"
        );
        assert!(answer.contains("connection: close"), "{answer}");
    }
    assert!(begun.elapsed() >= Duration::from_secs(4), "each was given its second");
    // What is refused without reading the body is over as well.
    for headers in ["Content-Length: 40", "Transfer-Encoding: chunked"] {
        let request = post(headers, "5\r\n{\"ema\r\n").replace("/me ", "/none ");
        let answer = timeout(Duration::from_secs(60), wire(&address, &request)).await;
        let answer = answer.unwrap_or_else(|_| panic!("the connection is held: {request}"));
        assert!(answer.starts_with("HTTP/1.1 404"), "{request}: {answer}");
    }
    // Whole bodies are taken as before.
    let whole = wire(&address, &post("Connection: close\r\nContent-Length: 2", "{}")).await;
    assert!(whole.starts_with("HTTP/1.1 200"), "{whole}");
    api.stop().await;
}

#[tokio::test]
async fn a_byte_now_and_then_does_not_hold_a_connection() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (_studio, api, token) = impatient().await;
    let stream = tokio::net::TcpStream::connect(api.url().strip_prefix("http://").unwrap()).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    write.write_all(put(&token, "Content-Length: 4000", "{").as_bytes()).await.unwrap();
    let dripping = tokio::spawn(async move {
        let mut beats = tokio::time::interval(Duration::from_millis(200));
        loop {
            beats.tick().await;
            if write.write_all(b" ").await.is_err() {
                return;
            }
        }
    });
    let mut answer = [0; 12];
    timeout(Duration::from_secs(60), read.read_exact(&mut answer)).await.expect("it is held").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    dripping.abort();
    api.stop().await;
}

// actix answers these before any application sees them: with a status and no body. Its dispatcher offers
// no place to write one.
#[tokio::test]
async fn what_is_no_http_is_answered_by_a_status_alone() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let address = api.url().strip_prefix("http://").unwrap().to_owned();
    let huge = format!("GET / HTTP/1.1\r\nHost: x\r\nX-A: {}\r\n\r\n", "a".repeat(200_000));
    for (request, status) in [("NO HTTP\r\n\r\n", "400"), (huge.as_str(), "431")] {
        let answer = wire(&address, request).await;
        assert!(answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    api.stop().await;
}

#[tokio::test]
async fn what_the_contract_does_not_say_is_refused_by_name() {
    let studio = TestTenant::open().await;
    let api = Api::start_with_sessions(&studio, routes).await;
    let member = studio.member(studio.main).await;
    let token = api.admit(studio.as_client(member, studio.main));
    let ask = async |method: Method, path: &str, encoding: Option<&str>, body: Option<Value>| {
        let url = format!("{}/api/v1{path}", api.url());
        let mut request = Client::new().request(method, url).bearer_auth(&token);
        if let Some(encoding) = encoding {
            request = request.header("Content-Encoding", encoding);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    for (method, path, body) in [
        (Method::PUT, "/me", json!(["X"])),
        (Method::POST, "/auth/login", json!(["ada@example.com", "correct horse battery"])),
    ] {
        let (status, problem) = ask(method, path, None, Some(body)).await;
        let detail = &problem["errors"][0]["detail"];
        assert_eq!((status, detail), (422, &json!("invalid type: sequence, expected an object")), "{path}");
    }
    for encoding in ["br", "x", "gzip, gzip"] {
        let (status, problem) = ask(Method::PUT, "/me", Some(encoding), Some(json!({}))).await;
        assert_eq!((status, &problem["code"]), (415, &json!("request.content_encoding")), "{encoding}");
    }
    let event = studio.class(studio.main, 1, chrono::Duration::hours(3)).await.uuid();
    assert_eq!(ask(Method::GET, &format!("/events/{event}"), None, None).await.0, 200);
    for id in [event.urn().to_string(), event.simple().to_string().to_uppercase(), format!("%7B{event}%7D")] {
        let (status, problem) = ask(Method::GET, &format!("/events/{id}"), None, None).await;
        assert_eq!((status, &problem["code"]), (400, &json!("request.path")), "{id}");
    }
    for (from, is_taken) in [
        ("2026-03-02T00:00:00Z", true),
        ("1900-01-01T00:00:00Z", true),
        ("1899-12-31T00:00:00Z", false),
        ("-4713-01-01T00:00:00Z", false),
        ("%2B12027-01-01T00:00:00Z", false),
        ("2026-03-01T23:59:60Z", false),
    ] {
        let to = if from.starts_with("2026") { "2026-03-03" } else { "1900-01-02" };
        let path = format!("/events?from={from}&to={to}T00:00:00Z");
        let (status, problem) = ask(Method::GET, &path, None, None).await;
        let expected = if is_taken { (200, &Value::Null) } else { (422, &json!("from")) };
        assert_eq!((status, &problem["errors"][0]["pointer"]), expected, "{path}: {problem}");
    }
    let birth = ask(Method::PUT, "/me", None, Some(json!({"birth_date": "+1990-01-01"}))).await;
    assert_eq!((birth.0, &birth.1["errors"][0]["pointer"]), (422, &json!("/birth_date")));
    api.stop().await;
}
