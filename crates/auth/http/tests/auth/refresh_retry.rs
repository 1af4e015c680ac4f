//! Refreshes that are repeated because their answer was lost.

use crate::stage::{Answer, PASSWORD, Stage};
use chrono::Duration;
use serde_json::{Value, json};
use tryzore_kernel::UserId;

/// A client who is signed in on the device `a`.
async fn signed_in(stage: &Stage, name: &str) -> (UserId, Answer) {
    let email = stage.email(name);
    let (user, _) = stage.client(&email).await;
    let form = json!({ "email": email, "password": PASSWORD, "device": { "id": "a" } });
    (user, stage.post("/auth/login", form).await)
}

fn form(refresh_token: &str, device: &str) -> Value {
    json!({ "refresh_token": refresh_token, "device": { "id": device } })
}

#[tokio::test]
async fn aut_01_a_repeated_refresh_gets_the_same_tokens_within_ten_seconds() {
    let stage = Stage::open().await;
    let (user, first) = signed_in(&stage, "ada").await;
    let lost = stage.post("/auth/refresh", form(&first.refresh(), "a")).await;
    assert_eq!(lost.status, 200, "{:#}", lost.body);
    stage.studio.clock.pass(Duration::seconds(10));
    let again = stage.post("/auth/refresh", form(&first.refresh(), "a")).await;
    assert_eq!(again, lost, "the same answer, with the same tokens");
    assert_eq!(stage.get(&again.access(), "/auth/me").await.status, 200);
    assert_eq!(stage.events("auth.refresh_reused", user).await, 0);

    stage.studio.clock.pass(Duration::microseconds(1));
    let late = stage.post("/auth/refresh", form(&first.refresh(), "a")).await;
    assert_eq!(late.code(), (401, "auth.refresh.reused"));
    let newest = stage.post("/auth/refresh", form(&again.refresh(), "a")).await;
    assert_eq!(newest.code(), (401, "auth.session.revoked"));
    assert_eq!(stage.events("auth.refresh_reused", user).await, 1);
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_01_concurrent_refreshes_of_one_token_get_the_same_tokens() {
    let stage = Stage::open().await;
    let (_, first) = signed_in(&stage, "ada").await;
    let refresh = || stage.post("/auth/refresh", form(&first.refresh(), "a"));
    let answers = futures::future::join_all((0..8).map(|_| refresh())).await;
    for answer in &answers {
        assert_eq!((answer.status, answer), (200, &answers[0]));
    }
    assert_eq!(stage.post("/auth/refresh", form(&answers[0].refresh(), "a")).await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_01_a_repeated_refresh_ends_the_session_from_another_device_or_after_the_next_refresh() {
    let stage = Stage::open().await;
    let (_, first) = signed_in(&stage, "ada").await;
    assert_eq!(stage.post("/auth/refresh", form(&first.refresh(), "a")).await.status, 200);
    let stolen = stage.post("/auth/refresh", form(&first.refresh(), "b")).await;
    assert_eq!(stolen.code(), (401, "auth.refresh.reused"));

    let (_, first) = signed_in(&stage, "bea").await;
    let second = stage.post("/auth/refresh", form(&first.refresh(), "a")).await;
    assert_eq!(stage.post("/auth/refresh", form(&second.refresh(), "a")).await.status, 200);
    let late = stage.post("/auth/refresh", form(&first.refresh(), "a")).await;
    assert_eq!(late.code(), (401, "auth.refresh.reused"));
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_01_only_hashes_of_refresh_tokens_are_stored() {
    let stage = Stage::open().await;
    let (_, first) = signed_in(&stage, "ada").await;
    let second = stage.post("/auth/refresh", form(&first.refresh(), "a")).await;
    let rows = "SELECT count(*) FROM identity.refresh_tokens t WHERE to_jsonb(t)::text LIKE '%";
    for token in [first.refresh(), second.refresh()] {
        let secret = token.trim_start_matches("tzr_").to_owned();
        let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        for text in [secret, hex] {
            assert_eq!(stage.studio.count(&format!("{rows}{text}%'")).await, 0);
        }
    }
    stage.api.stop().await;
}
