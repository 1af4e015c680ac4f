//! Answers of WorkOS that its emulator does not give: refusals, limits, outages, malformed answers.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tryzore_auth::{
    Enrolment, Identity, IdentityError, IdentityProvider, Origin, Pending, ProviderOrganization,
    SignInMethod, Step,
};
use tryzore_kernel::SystemClock;
use tryzore_provider_workos::{Settings, WorkOs, transport::ANSWER_MAX};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, path},
};

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
async fn what_workos_needs_can_be_sent_and_its_token_is_kept() {
    let organizations = json!([{ "id": "org_1", "name": "Iron Works" }]);
    let factors =
        json!([{ "id": "auth_factor_sms", "type": "sms" }, { "id": "auth_factor_1", "type": "totp" }]);
    let choices = vec![ProviderOrganization { id: "org_1".into(), name: "Iron Works".into() }];
    let cases = [
        ("email_verification_required", json!({ "email": "ada@example.com" }), Step::EmailVerification),
        (
            "organization_selection_required",
            json!({ "user": { "email": "ada@example.com" }, "organizations": organizations }),
            Step::OrganizationSelection { choices },
        ),
        (
            "mfa_challenge",
            json!({ "user": { "email": "ada@example.com" }, "authentication_factors": factors }),
            Step::Totp { challenge: "auth_challenge_1".into() },
        ),
    ];
    for (code, mut body, step) in cases {
        let server = MockServer::start().await;
        body["code"] = code.into();
        body["pending_authentication_token"] = "pat_1".into();
        let refusal = ResponseTemplate::new(403).set_body_json(body);
        Mock::given(path("/user_management/authenticate")).respond_with(refusal).mount(&server).await;
        let challenge = json!({ "object": "authentication_challenge", "id": "auth_challenge_1",
            "authentication_factor_id": "auth_factor_1", "created_at": "2026-11-30T12:00:00Z",
            "updated_at": "2026-11-30T12:00:00Z" });
        Mock::given(path("/auth/factors/auth_factor_1/challenge"))
            .respond_with(ResponseTemplate::new(201).set_body_json(challenge))
            .mount(&server)
            .await;
        let email = Some("ada@example.com".parse().unwrap());
        let pending = Pending { step, token: "pat_1".into(), email };
        let answer = sign_in(&provider(&server.uri())).await;
        assert_eq!(answer, Err(IdentityError::Pending(Box::new(pending))), "{code}");
    }
}

#[tokio::test]
async fn a_factor_that_only_the_page_of_workos_can_ask_for_is_left_to_it() {
    let body = json!({ "code": "mfa_challenge", "pending_authentication_token": "pat_1",
        "authentication_factors": [{ "id": "auth_factor_sms", "type": "sms" }] });
    let (_server, provider) = answering(ResponseTemplate::new(403).set_body_json(body)).await;
    assert_eq!(sign_in(&provider).await, Err(IdentityError::MoreNeeded("mfa".into())));
}

#[tokio::test]
async fn a_mailed_code_is_asked_for_without_telling_whether_workos_knows_the_address() {
    let ask = async |status: u16| {
        let (_server, provider) = answering(ResponseTemplate::new(status)).await;
        provider.mailed_code_send(&"eve@example.com".parse().unwrap(), &Origin::default()).await
    };
    assert_eq!(ask(404).await, Ok(()));
    assert!(matches!(ask(503).await, Err(IdentityError::Unavailable(_))));
    assert!(matches!(ask(401).await, Err(IdentityError::Broken(_))));
    assert!(matches!(ask(429).await, Err(IdentityError::Throttled { .. })));
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
