//! Tracing of failed requests: the answer has an id, the log has the cause with that id.

use crate::stage::{PASSWORD, Stage};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use std::{
    io::{Result, Write},
    sync::Mutex,
};
use tracing::Level;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        LOG.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// The lines of the request `id`.
fn lines_of(id: &str) -> Vec<Value> {
    let log = LOG.lock().unwrap();
    let lines = log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice::<Value>(line).unwrap())
        .filter(|l| l["span"]["id"] == id)
        .collect()
}

fn id_of(response: &Response) -> String {
    response.headers()["x-request-id"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_cause_of_a_500_is_logged_once_with_the_id_of_the_answer_and_no_ones_data() {
    // Even the strictest filter that lets the line through must keep its request id.
    tracing_subscriber::fmt().json().with_max_level(Level::ERROR).with_writer(|| Log).init();
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let token = stage.login(&email, PASSWORD).await.access();
    let broken = "UPDATE identity.users SET email = 'ask ada ' || id WHERE id = $1";
    stage.studio.sql.execute(broken, &[&user.uuid()]).await.unwrap();

    let url = format!("{}/api/v1/auth/me", stage.api.url());
    let response = Client::new().get(url).bearer_auth(&token).send().await.unwrap();
    assert_eq!(response.status(), 500);
    let id = id_of(&response);
    let told: Value = response.json().await.unwrap();
    assert_eq!((told["code"].as_str(), told["trace_id"].as_str()), (Some("internal"), Some(&*id)));
    assert_eq!(told.get("cause"), None);

    let lines = lines_of(&id);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let line = &lines[0];
    assert_eq!((line["level"].as_str(), line["span"]["name"].as_str()), (Some("ERROR"), Some("request")));
    assert_eq!(line["span"]["method"], "GET");
    assert_eq!(line["span"]["route"], "/api/v1/auth/me");
    assert!(line["fields"]["cause"].as_str().unwrap().contains("users.email"), "{line}");
    // An id in hexadecimal digits may read like a name.
    let text = line.to_string().replace(&id, "");
    assert!(!text.contains("ada") && !text.contains(&email) && !text.contains(&token), "{text}");
    stage.api.stop().await;
}

#[tokio::test]
async fn a_request_that_is_refused_by_middleware_has_an_id_too() {
    let stage = Stage::open().await;
    let preflight = Client::new()
        .request(Method::OPTIONS, format!("{}/api/v1/auth/me", stage.api.url()))
        .header("Origin", "https://elsewhere.example.com")
        .header("Access-Control-Request-Method", "GET");
    let response = preflight.send().await.unwrap();
    assert_eq!(response.status(), 403);
    let id = id_of(&response);
    let told: Value = response.json().await.unwrap();
    assert_eq!(told["trace_id"].as_str(), Some(&*id));
    stage.api.stop().await;
}
