//! Failures on demand, for senders that retry.

use crate::support::Shared;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_temporary_refusal_of_the_next_two_mails_and_then_success() {
    let shared = Shared::open();
    let made = shared
        .post("/mail/failures", json!({"to": "*@flaky.example", "kind": "temporary", "times": 2}))
        .await;
    assert_eq!(
        made,
        json!({"id": 1, "pattern": "*@flaky.example", "kind": "temporary", "code": 451, "remaining": 2, "fired": 0})
    );
    for (code, remaining) in [(451, 1), (451, 0), (250, 0)] {
        let mut smtp = shared.smtp().await;
        smtp.expect(&[("EHLO t", 250), ("MAIL FROM:<a@x.it>", 250), ("RCPT TO:<Ada@Flaky.example>", code)])
            .await;
        assert_eq!(shared.get("/mail/failures").await["data"][0]["remaining"], remaining);
    }
    assert_eq!(shared.send("ada@well.example", "Subject: x").await, 250);
}

#[tokio::test]
async fn a_failure_counts_once_per_mail_and_spares_the_other_recipients() {
    let shared = Shared::open();
    shared.post("/mail/failures", json!({"to": "bad*", "kind": "permanent", "code": 551, "times": 1})).await;
    let mut smtp = shared.smtp().await;
    smtp.expect(&[
        ("EHLO t", 250),
        ("MAIL FROM:<a@x.it>", 250),
        ("RCPT TO:<bad1@x.it>", 551),
        ("RCPT TO:<good@x.it>", 250),
        ("RCPT TO:<bad2@x.it>", 551),
        ("DATA", 354),
        ("Subject: x\r\n.", 250),
        ("MAIL FROM:<a@x.it>", 250),
        ("RCPT TO:<bad1@x.it>", 250),
    ])
    .await;
    assert_eq!(shared.get("/mail/messages/1").await["envelope"]["to"], json!(["good@x.it"]));
}

#[tokio::test]
async fn the_code_421_ends_the_conversation() {
    let shared = Shared::open();
    shared.post("/mail/failures", json!({"to": "*", "kind": "temporary", "code": 421})).await;
    let mut smtp = shared.smtp().await;
    smtp.expect(&[("EHLO t", 250), ("MAIL FROM:<a@x.it>", 250), ("RCPT TO:<b@x.it>", 421)]).await;
    smtp.closed().await;
}

#[tokio::test]
async fn an_answer_is_delayed_once() {
    let shared = Shared::open();
    shared.post("/mail/failures", json!({"to": "ada@*", "kind": "delay", "delay_ms": 300, "times": 1})).await;
    let began = Instant::now();
    assert_eq!(shared.send("ada@x.it", "Subject: late").await, 250);
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(shared.get("/mail/failures").await["data"][0]["fired"], 1);
    assert_eq!(shared.send("ada@x.it", "Subject: again").await, 250);
    assert_eq!(shared.get("/mail/failures").await["data"][0]["fired"], 1);
}

#[tokio::test]
async fn a_dropped_connection_gives_no_answer_and_loses_or_stores_the_mail() {
    let shared = Shared::open();
    shared.post("/mail/failures", json!({"to": "lost@*", "kind": "drop"})).await;
    shared.post("/mail/failures", json!({"to": "kept@*", "kind": "drop", "kept": true})).await;
    for (to, kept) in [("lost@x.it", 0), ("kept@x.it", 1)] {
        let mut smtp = shared.smtp().await;
        smtp.begin(&[to]).await;
        smtp.write(b"Subject: x\r\n\r\nx\r\n.\r\n").await;
        smtp.closed().await;
        assert_eq!(shared.kept().await, kept, "{to}");
    }
}

#[tokio::test]
async fn failures_are_removed_one_by_one_or_all() {
    let shared = Shared::open();
    for to in ["a@x.it", "b@x.it", "c@x.it"] {
        shared.post("/mail/failures", json!({"to": to, "kind": "permanent"})).await;
    }
    let removed = shared.call(Method::DELETE, "/mail/failures/2", None).await;
    assert_eq!(removed.status().as_u16(), 204);
    shared.problem(Method::DELETE, "/mail/failures/2", None, 404).await;
    assert_eq!(shared.send("b@x.it", "Subject: x").await, 250);
    let all = shared.call(Method::DELETE, "/mail/failures", None).await;
    assert_eq!(all.json::<serde_json::Value>().await.unwrap(), json!({"deleted": 2}));
    assert_eq!(shared.send("a@x.it", "Subject: x").await, 250);
}

#[tokio::test]
async fn an_invalid_switch_is_refused_with_the_field() {
    let shared = Shared::open();
    for (wish, pointer) in [
        (json!({"to": " ", "kind": "drop"}), "/to"),
        (json!({"to": "x".repeat(321), "kind": "drop"}), "/to"),
        (json!({"to": "*", "kind": "drop", "times": 0}), "/times"),
        (json!({"to": "*", "kind": "drop", "times": 10_001}), "/times"),
        (json!({"to": "*", "kind": "drop", "code": 451}), "/code"),
        (json!({"to": "*", "kind": "delay"}), "/delay_ms"),
        (json!({"to": "*", "kind": "delay", "delay_ms": 0}), "/delay_ms"),
        (json!({"to": "*", "kind": "delay", "delay_ms": 300_001}), "/delay_ms"),
        (json!({"to": "*", "kind": "temporary", "code": 399}), "/code"),
        (json!({"to": "*", "kind": "temporary", "code": 460}), "/code"),
        (json!({"to": "*", "kind": "temporary", "delay_ms": 1}), "/delay_ms"),
        (json!({"to": "*", "kind": "permanent", "code": 499}), "/code"),
        (json!({"to": "*", "kind": "permanent", "kept": true}), "/kept"),
    ] {
        let problem = shared.problem(Method::POST, "/mail/failures", Some(wish.clone()), 422).await;
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{wish}");
    }
    for wish in [
        json!({"to": "*"}),
        json!({"kind": "drop"}),
        json!({"to": "*", "kind": "fire"}),
        json!({"to": "*", "kind": "drop", "tmes": 1}),
        json!([]),
    ] {
        shared.problem(Method::POST, "/mail/failures", Some(wish), 400).await;
    }
    for wish in [
        json!({"to": "x".repeat(320), "kind": "drop", "times": 10_000}),
        json!({"to": "*", "kind": "delay", "delay_ms": 300_000}),
        json!({"to": "*", "kind": "temporary", "code": 400}),
        json!({"to": "*", "kind": "permanent", "code": 559}),
    ] {
        shared.post("/mail/failures", wish).await;
    }
}
