//! The same secret, used by many requests at the same moment: each has its one documented outcome.

use crate::stage::{Answer, PASSWORD, Stage};
use futures::future::join_all;
use serde_json::{Value, json};
use tryzore_auth::Purpose;
use tryzore_kernel::{SessionId, UserId};
use tryzore_testkit::Service;

const AT_ONCE: usize = 50;

/// A client who is signed in on the device `a`.
async fn signed_in(stage: &Stage) -> (UserId, Answer) {
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let form = json!({ "email": email, "password": PASSWORD, "device": { "id": "a" } });
    (user, stage.post("/auth/login", form).await)
}

fn form(refresh_token: &str, device: &str) -> Value {
    json!({ "refresh_token": refresh_token, "device": { "id": device } })
}

/// How many entries of the audit trail say `action` about `session`.
async fn audited(stage: &Stage, action: &str, session: SessionId) -> i64 {
    let work = stage.studio.database.client(Service::Work).await;
    let query = "SELECT count(*) FROM runtime.outbox
                 WHERE kind = 'journal.audited' AND aggregate_id = $1 AND payload ->> 'action' = $2";
    work.query_one(query, &[&session.uuid(), &action]).await.unwrap().get(0)
}

async fn generations(stage: &Stage, session: SessionId) -> i64 {
    let query = "SELECT count(*) FROM identity.refresh_tokens WHERE session_id = '";
    stage.studio.count(&format!("{query}{}'", session.uuid())).await
}

#[tokio::test]
async fn aut_01_fifty_uses_of_a_refresh_token_on_its_device_get_one_pair_and_the_session_lives() {
    let stage = Stage::open().await;
    let (user, first) = signed_in(&stage).await;
    let session: SessionId = first.text("/session_id").parse().unwrap();
    let uses = (0..AT_ONCE).map(|_| stage.post("/auth/refresh", form(&first.refresh(), "a")));
    let answers = join_all(uses).await;
    for answer in &answers {
        assert_eq!((answer.status, answer), (200, &answers[0]), "the same access token and refresh token");
    }
    assert_eq!(generations(&stage, session).await, 2, "the first token and one successor");
    assert_eq!(audited(&stage, "auth.refresh.retried", session).await, 49, "every repetition is noted");
    assert_eq!(stage.events("auth.refresh_reused", user).await, 0);
    assert_eq!(stage.get(&answers[0].access(), "/auth/me").await.status, 200);
    assert_eq!(stage.post("/auth/refresh", form(&answers[0].refresh(), "a")).await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_01_fifty_uses_of_a_refresh_token_on_two_devices_end_the_session_once() {
    let stage = Stage::open().await;
    let (user, first) = signed_in(&stage).await;
    let session: SessionId = first.text("/session_id").parse().unwrap();
    let device = |n: usize| if n.is_multiple_of(2) { "a" } else { "b" };
    let uses = (0..AT_ONCE).map(|n| stage.post("/auth/refresh", form(&first.refresh(), device(n))));
    let answers = join_all(uses).await;
    let (mut pairs, mut thefts) = (Vec::new(), 0);
    for (n, answer) in answers.iter().enumerate() {
        match answer.code() {
            (200, _) => {
                assert_eq!(device(n), "a", "the device that signed in");
                pairs.push(answer);
            }
            (401, "auth.refresh.reused" | "auth.refresh.other_device") => {
                assert_eq!(device(n), "b");
                thefts += 1;
            }
            other => assert_eq!(other, (401, "auth.session.revoked")),
        }
    }
    assert!(pairs.iter().all(|pair| *pair == pairs[0]), "whoever was first got the same pair");
    assert_eq!(thefts, 1);
    let lines = audited(&stage, "auth.refresh.reused", session).await
        + audited(&stage, "auth.refresh.other_device", session).await;
    assert_eq!((lines, stage.events("auth.refresh_reused", user).await), (1, 1));
    assert_eq!(stage.events("auth.session_revoked", user).await, 1);
    for token in std::iter::once(first.access()).chain(pairs.iter().map(|pair| pair.access())) {
        assert_eq!(stage.get(&token, "/auth/me").await.code(), (401, "auth.session.revoked"));
    }
    if let Some(pair) = pairs.first() {
        let next = stage.post("/auth/refresh", form(&pair.refresh(), "a")).await;
        assert_eq!(next.code(), (401, "auth.session.revoked"));
    }
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_01_fifty_uses_of_a_refresh_token_without_a_device_end_the_session_once() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let first = stage.login(&email, PASSWORD).await;
    let session: SessionId = first.text("/session_id").parse().unwrap();
    let form = json!({ "refresh_token": first.refresh() });
    let answers = join_all((0..AT_ONCE).map(|_| stage.post("/auth/refresh", form.clone()))).await;
    let with = |status: u16, code: &str| answers.iter().filter(|a| a.code() == (status, code)).count();
    let outcomes = (with(200, ""), with(401, "auth.refresh.reused"), with(401, "auth.session.revoked"));
    assert_eq!(outcomes, (1, 1, 48));
    assert_eq!(audited(&stage, "auth.refresh.reused", session).await, 1);
    assert_eq!(stage.events("auth.refresh_reused", user).await, 1);
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_03_of_several_uses_of_a_mailed_link_at_once_one_sets_the_password() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let token = stage.link(user, Purpose::PasswordReset).await.unwrap();
    let password = |n: usize| format!("another good one {n}");
    let choose =
        |n: usize| stage.post("/auth/reset-password", json!({ "token": token, "password": password(n) }));
    let answers = join_all((0..4).map(choose)).await;
    let won: Vec<usize> = (0..4).filter(|n| answers[*n].status == 200).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    for (n, answer) in answers.iter().enumerate().filter(|(n, _)| *n != won[0]) {
        assert_eq!(answer.code(), (401, "auth.link.invalid"), "{n}");
    }
    assert_eq!(stage.events("auth.password_changed", user).await, 1 + 1, "the first one and this one");
    stage.studio.clock.pass(chrono::Duration::seconds(1));
    assert_eq!(stage.login(&email, &password(won[0])).await.status, 200);
    stage.api.stop().await;
}
