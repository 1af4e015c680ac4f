//! Answers of WorkOS that its emulator does not give: refusals, limits, outages, malformed answers.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tryzore_auth::{Enrolment, Identity, IdentityError, IdentityProvider, Origin, SignInMethod};
use tryzore_kernel::SystemClock;
use tryzore_provider_workos::{Settings, WorkOs, transport::ANSWER_MAX};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

async fn answering(answer: ResponseTemplate) -> (MockServer, WorkOs) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let provider = provider(&server.uri());
    (server, provider)
}

fn provider(base_url: &str) -> WorkOs {
    WorkOs::try_new(Settings {
        api_key: SecretString::from("sk_test".to_owned()),
        client_id: "client_test".into(),
        base_url: base_url.to_owned(),
        timeout: Duration::from_millis(300),
        clock: Arc::new(SystemClock),
    })
    .unwrap()
}

async fn sign_in(provider: &WorkOs) -> Result<Identity, IdentityError> {
    let method = SignInMethod::Password {
        email: "ada@example.com".parse().unwrap(),
        password: SecretString::from("some words".to_owned()),
    };
    provider.identity_authenticate(&method, None, &Origin::default()).await
}

fn refusing(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "code": code, "message": "No." }))
}

#[tokio::test]
async fn each_refusal_has_its_meaning() {
    let more = |what: &str| IdentityError::MoreNeeded(what.into());
    let cases = [
        (400, "invalid_credentials", IdentityError::Rejected),
        (400, "invalid_grant", IdentityError::Rejected),
        (404, "entity_not_found", IdentityError::Rejected),
        (403, "email_password_auth_disabled", IdentityError::Rejected),
        (403, "email_verification_required", IdentityError::EmailUnverified),
        (403, "mfa_enrollment", more("mfa")),
        (403, "mfa_challenge", more("mfa")),
        (403, "organization_selection_required", more("organization_selection")),
        (400, "sso_required", more("sso")),
        (403, "radar_challenge", more("radar_challenge")),
    ];
    for (status, code, meaning) in cases {
        let (_server, provider) = answering(refusing(status, code)).await;
        assert_eq!(sign_in(&provider).await, Err(meaning), "{code}");
    }
    for (status, code) in
        [(400, "invalid_client"), (401, "unauthorized"), (422, "invalid_request_parameters")]
    {
        let (_server, provider) = answering(refusing(status, code)).await;
        assert!(matches!(sign_in(&provider).await, Err(IdentityError::Broken(_))), "{code}");
    }
}

#[tokio::test]
async fn a_sign_in_is_sent_once_whatever_the_answer_is() {
    for status in [400, 429, 500, 503] {
        let (server, provider) = answering(ResponseTemplate::new(status)).await;
        sign_in(&provider).await.unwrap_err();
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_limit_says_when_to_come_back() {
    let (_server, provider) =
        answering(refusing(429, "rate_limited").insert_header("Retry-After", "7")).await;
    assert_eq!(
        sign_in(&provider).await,
        Err(IdentityError::Throttled { retry_after: TimeDelta::seconds(7) })
    );
    let (_server, provider) = answering(refusing(429, "rate_limited")).await;
    assert_eq!(
        sign_in(&provider).await,
        Err(IdentityError::Throttled { retry_after: TimeDelta::seconds(60) })
    );
}

#[tokio::test]
async fn an_outage_a_slow_answer_and_no_connection_are_unavailable() {
    let (_down, down) = answering(ResponseTemplate::new(502)).await;
    let (_slow, slow) = answering(ResponseTemplate::new(200).set_delay(Duration::from_secs(5))).await;
    let (_huge, huge) =
        answering(ResponseTemplate::new(200).set_body_bytes(vec![b' '; ANSWER_MAX + 1])).await;
    let gone = provider("http://127.0.0.1:1");
    for provider in [down, slow, huge, gone] {
        let answer = sign_in(&provider).await;
        assert!(matches!(answer, Err(IdentityError::Unavailable(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_redirect_does_not_get_the_api_key() {
    let elsewhere = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&elsewhere).await;
    let moved = ResponseTemplate::new(307).insert_header("Location", elsewhere.uri());
    let (_server, provider) = answering(moved).await;
    assert!(matches!(sign_in(&provider).await, Err(IdentityError::Broken(_))));
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_malformed_answer_is_not_repeated_in_the_log() {
    let answer =
        json!({ "access_token": "tell-nobody", "refresh_token": "tell-nobody", "user": "tell-nobody" });
    let (_server, provider) = answering(ResponseTemplate::new(200).set_body_json(answer)).await;
    let Err(IdentityError::Broken(why)) = sign_in(&provider).await else { panic!() };
    assert!(why.contains("line 1") && !why.contains("tell-nobody"), "{why}");
}

#[tokio::test]
async fn a_password_that_workos_finds_weak_is_refused_with_its_rules() {
    let whom = Enrolment { email: "eve@example.com".parse().unwrap(), name: "Eve".into(), subject: None };
    let enrol = async |body: Value| {
        let (_server, provider) = answering(ResponseTemplate::new(400).set_body_json(body)).await;
        provider.identity_enrol(&whom, &SecretString::from("password".to_owned())).await
    };
    let explained = json!({ "code": "password_strength_error", "message": "Password does not meet strength requirements.",
        "errors": [{ "code": "password_too_weak", "message": "Add another word or two." }] });
    assert_eq!(enrol(explained).await, Err(IdentityError::WeakPassword("Add another word or two.".into())));
    let bare = json!({ "code": "password_strength_error", "message": "Too weak." });
    assert_eq!(enrol(bare).await, Err(IdentityError::WeakPassword("Too weak.".into())));
}

#[tokio::test]
async fn settings_without_a_key_or_a_client_are_refused() {
    for (api_key, client_id) in [("", "client"), ("sk", ""), ("sk\n", "client")] {
        let settings = Settings {
            api_key: SecretString::from(api_key.to_owned()),
            client_id: client_id.into(),
            base_url: "http://127.0.0.1:1".into(),
            timeout: Duration::from_secs(1),
            clock: Arc::new(SystemClock),
        };
        assert!(matches!(WorkOs::try_new(settings), Err(IdentityError::Broken(_))));
    }
}
