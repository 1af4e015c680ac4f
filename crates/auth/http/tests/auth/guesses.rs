//! Guessing of passwords and addresses reveals nothing.

use crate::stage::{Answer, PASSWORD, Stage};
use chrono::Duration;
use serde_json::json;

#[tokio::test]
async fn aut_07_five_failures_lock_and_the_sixth_says_when_to_try_again() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let other = stage.email("bea");
    stage.client(&email).await;
    stage.client(&other).await;
    for left in (0..5).rev() {
        let refused = stage.login(&email, "not the password").await;
        assert_eq!(refused.code(), (401, "auth.login.rejected"));
        assert_eq!(refused.body["denial"]["because"][0]["value"], left, "attempts left");
    }
    let locked = stage.login(&email, PASSWORD).await;
    assert_eq!(locked.code(), (429, "auth.login.locked"), "also with the right password");
    assert_eq!(locked.retry_after, Some(900));
    // Another account from the same address is not locked.
    assert_eq!(stage.login(&other, PASSWORD).await.status, 200);

    stage.studio.clock.pass(Duration::minutes(15) - Duration::microseconds(1));
    assert_eq!(stage.login(&email, PASSWORD).await.status, 429);
    stage.studio.clock.pass(Duration::microseconds(1));
    assert_eq!(stage.login(&email, PASSWORD).await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn a_success_resets_the_failures_before_it() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(stage.login(&email, "not the password").await.status, 401);
        }
        assert_eq!(stage.login(&email, PASSWORD).await.status, 200);
    }
    let query = "SELECT count(*) FROM identity.throttles WHERE last_at IS NULL";
    assert_eq!(stage.studio.count(query).await, 0, "nothing is left behind that counts nothing");
    stage.api.stop().await;
}

#[tokio::test]
async fn no_answer_reveals_whether_an_address_is_known() {
    let stage = Stage::open().await;
    let [active, waiting, unknown] = ["active", "waiting", "unknown"].map(|name| stage.email(name));
    stage.client(&active).await;
    assert_eq!(stage.post("/auth/register", json!({ "email": waiting, "name": "W" })).await.status, 202);
    // One mail was requested for each.
    stage.post("/auth/forgot-password", json!({ "email": unknown })).await;
    let all = [&active, &waiting, &unknown];

    let mut answers: Vec<Vec<Answer>> = Vec::new();
    for email in all {
        let mut answer = Vec::new();
        for _ in 0..6 {
            answer.push(stage.login(email, "not the password").await);
        }
        for _ in 0..5 {
            answer.push(stage.post("/auth/forgot-password", json!({ "email": email })).await);
        }
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    let statuses: Vec<u16> = answers[0].iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 202, 202, 202, 202, 429]);

    // Sign-ups count for the same lock, so each has another IP address.
    let [active, waiting, unknown] = ["active2", "waiting2", "unknown2"].map(|name| stage.email(name));
    stage.client(&active).await;
    stage.post("/auth/register", json!({ "email": waiting, "name": "W" })).await;
    stage.post("/auth/forgot-password", json!({ "email": unknown })).await;
    let mut answers: Vec<Vec<Answer>> = Vec::new();
    for email in [&active, &waiting, &unknown] {
        let mut answer = Vec::new();
        for _ in 0..5 {
            answer.push(stage.post("/auth/register", json!({ "email": email, "name": "Eve" })).await);
        }
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    let statuses: Vec<u16> = answers[0].iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [202, 202, 202, 202, 429]);
    stage.api.stop().await;
}

#[tokio::test]
async fn a_sign_up_with_a_taken_address_changes_nothing_but_notifies_its_owner() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    stage.post("/auth/register", json!({ "email": email, "name": "Eve", "phone": "+390612345678" })).await;
    let query = "SELECT name, phone FROM identity.users WHERE id = $1";
    let row = stage.studio.sql.query_one(query, &[&user.uuid()]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, Option<&str>>(1)), ("Ada Rossi", None));
    assert_eq!(stage.events("auth.registered_again", user).await, 1);
    assert_eq!(stage.login(&email, PASSWORD).await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn no_secret_is_stored_or_published() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let signed_in = stage.login(&email, PASSWORD).await;
    let owner = stage.studio.database.client(tryzore_testkit::Service::Work).await;
    let told = owner
        .query_one(
            "SELECT string_agg(payload::text || actor::text, ' ') FROM runtime.outbox WHERE subject_id = $1",
            &[&user.uuid()],
        )
        .await
        .unwrap();
    let told: &str = told.get(0);
    for secret in [&email, PASSWORD, &signed_in.refresh(), &signed_in.access()] {
        assert!(!told.contains(secret), "{told}");
    }
    let hash = stage
        .studio
        .sql
        .query_one("SELECT password_hash FROM identity.credentials WHERE user_id = $1", &[&user.uuid()])
        .await
        .unwrap();
    assert!(hash.get::<_, &str>(0).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    stage.api.stop().await;
}
