//! The parts that all providers share: clock, health, the page, problems, the stream.

use crate::support::Shared;
use reqwest::Method;
use serde_json::json;
use tryzore_sandbox::{Options, Sandbox, StartError};

#[tokio::test]
async fn the_clock_can_be_set_moved_and_reset() {
    let shared = Shared::open();
    assert_eq!(shared.get("/clock").await["offset_seconds"], 0.0);
    assert_eq!(shared.post("/clock", json!({"offset_seconds": 86_400})).await["offset_seconds"], 86_400.0);
    assert_eq!(shared.post("/clock", json!({"advance_seconds": -3_600})).await["offset_seconds"], 82_800.0);
    let shown = shared.post("/clock", json!({"now": "2030-01-01T00:00:00+01:00"})).await;
    assert!(shown["now"].as_str().unwrap().starts_with("2029-12-31T23:00:0"), "{shown}");
    assert_eq!(shared.post("/clock", json!({"offset_seconds": 0})).await["offset_seconds"], 0.0);
    for wish in [
        json!({}),
        json!({"offset_seconds": 1, "advance_seconds": 1}),
        json!({"offset_seconds": i64::MAX}),
        json!({"now": "+262142-12-31T23:59:59Z"}),
    ] {
        shared.problem(Method::POST, "/clock", Some(wish), 422).await;
    }
    shared.problem(Method::POST, "/clock", Some(json!({"now": "tomorrow"})), 400).await;
}

#[tokio::test]
async fn bad_input_is_a_problem_and_never_an_empty_answer() {
    let shared = Shared::open();
    assert_eq!(shared.get("/health/live").await["status"], "live");
    assert_eq!(shared.get("/health/ready").await["status"], "ready");
    for path in [
        "/nowhere",
        "/mail/nowhere",
        "/mail/messages/x",
        "/mail/messages/-1",
        "/mail/messages/99999999999999999999",
        "/mail/messages/1/attachments/x",
    ] {
        shared.problem(Method::GET, path, None, 404).await;
    }
    shared.problem(Method::GET, "/mail/messages?too=ada", None, 400).await;
    shared.problem(Method::DELETE, "/mail/messages?subject=x", None, 400).await;
    for path in ["/", "/clock", "/stream", "/mail/messages", "/mail/messages/1", "/mail/failures/1"] {
        shared.problem(Method::PUT, path, None, 405).await;
    }
    let text =
        shared.http.post(format!("{}/clock", shared.running.http_url)).body("{}").send().await.unwrap();
    assert_eq!(text.status().as_u16(), 415);
    let big = json!({"to": "x".repeat(70_000), "kind": "drop"});
    shared.problem(Method::POST, "/mail/failures", Some(big), 413).await;
    let broken = shared
        .http
        .post(format!("{}/clock", shared.running.http_url))
        .header("content-type", "application/json");
    let broken = broken.body("{\"now\":").send().await.unwrap();
    assert_eq!(
        (broken.status().as_u16(), &broken.headers()["content-type"]),
        (400, &"application/problem+json".parse().unwrap())
    );
}

#[tokio::test]
async fn the_page_loads_nothing_from_other_origins_and_runs_its_own_script_only() {
    let shared = Shared::open();
    let answer = shared.call(Method::GET, "/", None).await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let html = answer.text().await.unwrap();
    let script = html.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    let hash = {
        use base64::{Engine, engine::general_purpose::STANDARD};
        use sha2::{Digest, Sha256};
        STANDARD.encode(Sha256::digest(script.as_bytes()))
    };
    assert!(
        policy.contains("default-src 'none'") && policy.contains(&format!("script-src 'sha256-{hash}'")),
        "{policy}"
    );
    assert_eq!(html.matches("<script").count(), 1);
    assert!(!html.contains("src=\"http") && !html.contains("@import") && !html.contains("url(http"));
    assert_eq!(html.matches("id=\"tab-").count(), 1, "only providers that exist have a tab");
    assert!(html.contains(&format!("data-smtp-port=\"{}\"", shared.running.smtp_addr.port())));
}

#[tokio::test]
async fn the_stream_sends_changes() {
    let shared = Shared::open();
    let mut stream = shared.http.get(format!("{}/stream", shared.running.http_url)).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert!(stream.chunk().await.unwrap().unwrap().starts_with(b"retry:"));
    for change in ["mail", "failure", "clock"] {
        match change {
            "mail" => assert_eq!(shared.send("ada@x.it", "Subject: x").await, 250),
            "failure" => drop(shared.post("/mail/failures", json!({"to": "*", "kind": "drop"})).await),
            _ => drop(shared.post("/clock", json!({"advance_seconds": 1})).await),
        }
        let told = stream.chunk().await.unwrap().unwrap();
        assert!(told.starts_with(b"event: change\n"), "{change}: {told:?}");
    }
}

#[tokio::test]
async fn the_sandbox_listens_on_this_machine_only_and_reports_a_port_in_use() {
    let shared = Shared::open();
    assert!(
        shared.running.smtp_addr.ip().is_loopback()
            && shared.running.http_url.starts_with("http://127.0.0.1:")
    );
    let smtp_port = shared.running.smtp_addr.port();
    let taken = Sandbox::start(Options { smtp_port, ..Options::any_ports() });
    assert!(matches!(taken, Err(StartError::Port { port, what: "mail", .. }) if port == smtp_port));
}
