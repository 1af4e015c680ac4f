//! Signing in with a mailed code, and sending what WorkOS needs after right credentials.

use crate::{
    stage::{Answer, PASSWORD, Stage},
    workos::{harness::Emulator, stage, stage_at},
    workos_front::Front,
};
use serde_json::{Value, json};
use tryzore_kernel::{Clock, SystemClock};
use tryzore_testkit::TestTenant;

/// A tenant at the time of the machine, which the emulator uses.
async fn studio() -> (TestTenant, String) {
    let studio = TestTenant::open().await;
    studio.clock.pass(SystemClock.now() - studio.now());
    let email = format!("ada.{}@example.com", studio.tenant.uuid().simple());
    (studio, email)
}

/// A stage with a client who has `email`, whose provider is `front`.
async fn fronted() -> (Stage, Front, String) {
    let (studio, email) = studio().await;
    let front = Front::open(&email).await;
    let stage = stage_at(studio, &front.server.uri(), "sk_test").await;
    known(&stage, &email).await;
    (stage, front, email)
}

async fn known(stage: &Stage, email: &str) {
    let user = tryzore_kernel::UserId::generate(stage.studio.now());
    let insert =
        "INSERT INTO identity.users (id, email, name, status, email_verified_at, created_at, updated_at)
                  VALUES ($1, $2, 'Ada Rossi', 'active', now(), now(), now())";
    stage.studio.sql.execute(insert, &[&user.uuid(), &email]).await.unwrap();
    crate::stage::join(&stage.studio, user).await;
}

fn fact(answer: &Answer, name: &str) -> Value {
    let facts = answer.body["denial"]["because"].as_array().unwrap();
    facts.iter().find(|fact| fact["fact"] == name).map_or(Value::Null, |fact| fact["value"].clone())
}

#[tokio::test]
async fn aut_09_a_mailed_code_signs_in_once() {
    let (studio, email) = studio().await;
    let account = json!({ "email": email, "email_verified": true });
    let emulator = Emulator::start(json!({ "users": [account] })).await;
    let stage = stage(studio, &emulator).await;
    known(&stage, &email).await;
    for whom in [email.as_str(), "nobody@example.com"] {
        let sent = stage.post("/auth/workos/code", json!({ "email": whom })).await;
        assert_eq!((sent.status, sent.text("/next")), (202, "Sign in with the code in the mail.".into()));
    }
    let mail = emulator.post("/user_management/magic_auth", json!({ "email": email })).await;
    let enter = async |code: &Value| {
        stage.post("/auth/workos/code/sign-in", json!({ "email": email, "code": code })).await
    };
    assert_eq!(enter(&json!("000000")).await.code(), (401, "auth.login.code_rejected"));
    let signed_in = enter(&mail["code"]).await;
    assert_eq!(signed_in.status, 200, "{:#}", signed_in.body);
    assert_eq!(stage.get(&signed_in.access(), "/auth/me").await.status, 200);
    assert_eq!(enter(&mail["code"]).await.code(), (401, "auth.login.code_rejected"), "a code works once");
    stage.api.stop().await;
}

#[tokio::test]
async fn the_sixth_code_for_one_address_is_refused_whether_it_is_known_or_not() {
    let (stage, front, email) = fronted().await;
    front.serve("POST", "/user_management/magic_auth", 404, json!({ "message": "No user." })).await;
    for whom in [email, stage.email("nobody")] {
        for status in [202, 202, 202, 202, 202, 429] {
            let sent = stage.post("/auth/workos/code", json!({ "email": whom })).await;
            assert_eq!(sent.status, status);
        }
    }
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_09_what_workos_needs_after_the_password_is_asked_for_and_sent() {
    let (stage, front, email) = fronted().await;
    let step = |code: &str, token: &str, more: Value| {
        let mut body =
            json!({ "code": code, "pending_authentication_token": token, "user": { "email": email } });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let organizations = json!({ "organizations": [{ "id": "org_1", "name": "Iron Works" }] });
    let factors = json!({ "authentication_factors": [{ "id": "auth_factor_1", "type": "totp" }] });
    front
        .refuse(
            json!({ "grant_type": "password" }),
            step("organization_selection_required", "pat_1", organizations),
        )
        .await;
    let chosen = json!({ "pending_authentication_token": "pat_1", "organization_id": "org_1" });
    front.refuse(chosen, step("mfa_challenge", "pat_2", factors)).await;
    let challenge = json!({ "object": "authentication_challenge", "id": "auth_challenge_1",
        "authentication_factor_id": "auth_factor_1", "created_at": "2026-11-30T12:00:00Z",
        "updated_at": "2026-11-30T12:00:00Z" });
    front.serve("POST", "/auth/factors/auth_factor_1/challenge", 201, challenge).await;
    let right = json!({ "pending_authentication_token": "pat_2", "authentication_challenge_id": "auth_challenge_1",
        "code": "123456" });
    front.accept(right, json!({ "authentication_method": "MFA" })).await;
    let wrong = json!({ "code": "invalid_one_time_code", "message": "No." });
    front.refuse(json!({ "code": "000000" }), wrong).await;

    let phone = json!({ "id": "phone" });
    let begun =
        stage.post("/auth/login", json!({ "email": email, "password": PASSWORD, "device": phone })).await;
    assert_eq!(begun.code(), (409, "auth.login.more_needed"));
    assert_eq!(begun.body["denial"]["remedy"]["action"], "continue_workos_sign_in");
    assert_eq!(fact(&begun, "needed"), "organization_selection");
    assert!(!begun.body.to_string().contains("pat_1"), "the token of the provider stays here");
    let send = async |token: &Value, answer: Value, device: &Value| {
        let mut body = json!({ "pending_token": token, "device": device });
        body.as_object_mut().unwrap().extend(answer.as_object().unwrap().clone());
        stage.post("/auth/workos/continue", body).await
    };
    let first = fact(&begun, "pending_token");
    let organization = json!({ "provider_organization": "org_1" });
    let elsewhere = send(&first, organization.clone(), &json!({ "id": "laptop" })).await;
    assert_eq!(elsewhere.code(), (401, "auth.login.pending_invalid"));
    assert_eq!(send(&first, json!({ "provider_organization": "org_2" }), &phone).await.status, 422);
    assert_eq!(send(&first, json!({ "code": "123456" }), &phone).await.status, 422);

    let second = send(&first, organization, &phone).await;
    assert_eq!(second.code(), (409, "auth.login.more_needed"));
    assert_eq!(fact(&second, "needed"), "totp");
    let second = fact(&second, "pending_token");
    let wrong = send(&second, json!({ "code": "000000" }), &phone).await;
    assert_eq!((wrong.code(), fact(&wrong, "attempts.left")), ((401, "auth.login.code_rejected"), 4.into()));
    let signed_in = send(&second, json!({ "code": "123456" }), &phone).await;
    assert_eq!(signed_in.status, 200, "{:#}", signed_in.body);
    assert_eq!(stage.get(&signed_in.access(), "/auth/me").await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_09_while_workos_is_down_sessions_live_on_and_signing_in_waits() {
    let (stage, front, email) = fronted().await;
    front.accept(json!({ "grant_type": "password" }), json!({})).await;
    let signed_in = stage.login(&email, PASSWORD).await;
    assert_eq!(signed_in.status, 200, "{:#}", signed_in.body);
    front.server.reset().await;
    front.serve("POST", "/user_management/authenticate", 503, json!({})).await;
    front.serve("POST", "/user_management/magic_auth", 503, json!({})).await;
    for refused in [
        stage.login(&email, PASSWORD).await,
        stage.post("/auth/workos/code", json!({ "email": email })).await,
        stage.post("/auth/workos/code/sign-in", json!({ "email": email, "code": "123456" })).await,
        stage.post("/auth/workos/callback", json!({ "code": "code_1", "code_verifier": "y" })).await,
    ] {
        assert_eq!((refused.code(), refused.retry_after), ((503, "unavailable"), Some(1)));
    }
    assert_eq!(stage.get(&signed_in.access(), "/auth/me").await.status, 200);
    let refreshed = stage.post("/auth/refresh", json!({ "refresh_token": signed_in.refresh() })).await;
    assert_eq!(refreshed.status, 200, "{:#}", refreshed.body);
    stage.api.stop().await;
}

#[tokio::test]
async fn without_workos_there_is_neither_a_code_nor_anything_to_continue() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    for (path, body) in [
        ("/auth/workos/code", json!({ "email": email })),
        ("/auth/workos/code/sign-in", json!({ "email": email, "code": "123456" })),
        ("/auth/workos/continue", json!({ "pending_token": "tzp_x", "code": "123456" })),
    ] {
        assert_eq!(stage.post(path, body).await.status, 404, "{path}");
    }
    stage.api.stop().await;
}
