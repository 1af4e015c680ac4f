//! Tests the adapter over real HTTP against the official emulator of WorkOS.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod harness;

use harness::Emulator;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::time::Duration;
use tryzore_auth::{
    AuthorizationRequest, Device, Enrolment, Identity, IdentityError, IdentityProvider, Origin, SignInMethod,
    follow_provider::ProviderNews,
};
use tryzore_kernel::{Clock, SystemClock};
use tryzore_provider_workos::{
    AccessTokenVerifier, WebhookError, WebhookSecret, WorkOs, access_token::AccessTokenError, webhook,
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header_exists, method},
};

const RIGHT: &str = "correct horse battery";

async fn emulator() -> Emulator {
    let ada = json!({ "email": "ada@example.com", "password": RIGHT, "email_verified": true,
        "first_name": "Ada", "last_name": "Lovelace" });
    let watched = json!({ "email": "watched@example.com", "password": RIGHT, "email_verified": true,
        "impersonator": { "email": "staff@workos.example", "reason": "support" } });
    Emulator::start(json!({ "users": [ada, watched] })).await
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn origin() -> Origin {
    Origin { ip: Some([192, 0, 2, 1].into()), device: Device::new(None, None, Some("app/1.0".into())) }
}

async fn present(provider: &WorkOs, email: &str, password: &str) -> Result<Identity, IdentityError> {
    let method = SignInMethod::Password { email: email.parse().unwrap(), password: secret(password) };
    provider.identity_authenticate(&method, None, &origin()).await
}

#[tokio::test]
async fn a_password_signs_in_and_opens_a_session() {
    let emulator = emulator().await;
    let provider = emulator.provider();
    let identity = present(&provider, "ada@example.com", RIGHT).await.unwrap();
    assert!(identity.subject.unwrap().starts_with("user_"));
    assert!(identity.provider_session.unwrap().starts_with("session_"));
    assert_eq!(identity.email.as_str(), "ada@example.com");
    assert!(identity.email_verified);
    assert_eq!(identity.name.as_deref(), Some("Ada Lovelace"));
    for (email, password) in [("ada@example.com", "wrong"), ("nobody@example.com", RIGHT)] {
        assert_eq!(present(&provider, email, password).await, Err(IdentityError::Rejected), "{email}");
    }
}

#[tokio::test]
async fn a_session_of_someone_who_impersonates_is_refused_aut_16() {
    let emulator = emulator().await;
    let answer = present(&emulator.provider(), "watched@example.com", RIGHT).await;
    assert_eq!(answer, Err(IdentityError::Impersonated));
}

#[tokio::test]
async fn a_code_of_the_sign_in_page_works_once_and_with_its_verifier_only() {
    let emulator = emulator().await;
    let provider = emulator.provider();
    // Acts like the browser: opens the page, and returns with the code.
    let visit = async || {
        let started = provider
            .authorization_start(AuthorizationRequest {
                redirect_uri: "http://localhost:9/callback".into(),
                login_hint: Some("ada@example.com".into()),
                provider_organization: None,
            })
            .unwrap();
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = browser.get(&started.url).send().await.unwrap();
        let back = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let query = |name: &str| back.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
        assert_eq!(query("state"), started.state);
        assert!(!started.url.contains(started.code_verifier.expose_secret()), "the verifier stays here");
        (secret(&query("code")), started.code_verifier)
    };
    let exchange = async |code: &SecretString, verifier: Option<&SecretString>| {
        let method = SignInMethod::Code { code: code.clone(), code_verifier: verifier.cloned() };
        provider.identity_authenticate(&method, None, &origin()).await
    };

    let (code, verifier) = visit().await;
    let (_, other_verifier) = visit().await;
    assert_eq!(exchange(&code, Some(&other_verifier)).await, Err(IdentityError::Rejected));
    let identity = exchange(&code, Some(&verifier)).await.unwrap();
    assert_eq!(identity.email.as_str(), "ada@example.com");
    assert_eq!(exchange(&code, Some(&verifier)).await, Err(IdentityError::Rejected), "twice");
    assert_eq!(exchange(&secret("made-up"), None).await, Err(IdentityError::Rejected));
}

#[tokio::test]
async fn a_mailed_code_signs_in_once_and_an_unknown_address_is_no_error() {
    let emulator = emulator().await;
    let provider = emulator.provider();
    for email in ["ada@example.com", "nobody@example.com"] {
        assert_eq!(provider.mailed_code_send(&email.parse().unwrap(), &origin()).await, Ok(()), "{email}");
    }
    let mail = emulator.post("/user_management/magic_auth", json!({ "email": "ada@example.com" })).await;
    let present = async |email: &str, code: &str| {
        let method = SignInMethod::MailedCode { email: email.parse().unwrap(), code: secret(code) };
        provider.identity_authenticate(&method, None, &origin()).await
    };
    let code = mail["code"].as_str().unwrap();
    assert_eq!(present("watched@example.com", code).await, Err(IdentityError::Rejected), "of another person");
    let identity = present("ada@example.com", code).await.unwrap();
    assert_eq!(identity.email.as_str(), "ada@example.com");
    assert_eq!(identity.authentication_method.as_deref(), Some("magicauth"));
    assert_eq!(present("ada@example.com", code).await, Err(IdentityError::Rejected), "twice");
}

#[tokio::test]
async fn choosing_a_password_creates_a_user_or_finds_the_existing_one() {
    let emulator = emulator().await;
    let provider = emulator.provider();
    let whom =
        |email: &str, subject| Enrolment { email: email.parse().unwrap(), name: "Eve".into(), subject };

    let made =
        provider.identity_enrol(&whom("eve@example.com", None), &secret("first words here")).await.unwrap();
    assert_eq!(made.hash, None, "no password is kept with us");
    let eve = present(&provider, "eve@example.com", "first words here").await.unwrap();
    assert_eq!((&eve.subject, eve.email_verified), (&made.subject, true), "the mailbox was proven");

    let changed = provider
        .identity_enrol(&whom("eve@example.com", made.subject.clone()), &secret("second words"))
        .await;
    assert_eq!(changed.unwrap().subject, made.subject);
    assert_eq!(present(&provider, "eve@example.com", "first words here").await, Err(IdentityError::Rejected));
    assert!(present(&provider, "eve@example.com", "second words").await.is_ok());

    // WorkOS knows Ada, but we do not yet.
    let ada = present(&provider, "ada@example.com", RIGHT).await.unwrap();
    let found =
        provider.identity_enrol(&whom("ada@example.com", None), &secret("other words")).await.unwrap();
    assert_eq!(found.subject, ada.subject);
    assert!(present(&provider, "ada@example.com", "other words").await.is_ok());
}

#[tokio::test]
async fn a_refresh_token_of_workos_works_once_and_can_switch_its_organization() {
    let emulator = emulator().await;
    let provider = emulator.provider();
    let signed_in = emulator
        .post(
            "/user_management/authenticate",
            json!({ "grant_type": "password", "client_id": "client_test",
            "email": "ada@example.com", "password": RIGHT }),
        )
        .await;
    let first = secret(signed_in["refresh_token"].as_str().unwrap());
    let second = provider.provider_session_refresh(&first, Some("org_01"), &origin()).await.unwrap();
    assert_eq!(second.subject, signed_in["user"]["id"]);
    let claims =
        verifier(&emulator).verify(second.access_token.expose_secret(), SystemClock.now()).await.unwrap();
    assert_eq!(claims.org_id.as_deref(), Some("org_01"));
    assert_eq!(claims.sid, second.provider_session);
    let again = provider.provider_session_refresh(&first, None, &origin()).await;
    assert_eq!(again.unwrap_err(), IdentityError::Rejected);
    assert!(provider.provider_session_refresh(&second.refresh_token, None, &origin()).await.is_ok());
}

fn verifier(emulator: &Emulator) -> AccessTokenVerifier {
    let transport = tryzore_provider_workos::transport::Transport::try_new(Duration::from_secs(10)).unwrap();
    let client = workos::Client::builder()
        .client_id("client_test")
        .base_url(&emulator.url)
        .transport(std::sync::Arc::new(transport))
        .build();
    AccessTokenVerifier::new(&client)
}

#[tokio::test]
async fn an_access_token_is_accepted_only_as_workos_signed_it() {
    let (emulator, other) = (emulator().await, emulator().await);
    let sign_in = json!({ "grant_type": "password", "client_id": "client_test", "email": "ada@example.com",
        "password": RIGHT });
    let token = async |at: &Emulator| {
        let answer = at.post("/user_management/authenticate", sign_in.clone()).await;
        answer["access_token"].as_str().unwrap().to_owned()
    };
    let (ours, theirs) = (token(&emulator).await, token(&other).await);
    let (verifier, now) = (verifier(&emulator), SystemClock.now());
    assert!(verifier.verify(&ours, now).await.is_ok());
    let [header, payload, _] = ours.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let foreign_signature = theirs.rsplit('.').next().unwrap();
    let forged = format!("{header}.{payload}.{foreign_signature}");
    assert_eq!(verifier.verify(&forged, now).await, Err(AccessTokenError::Signature));
    assert_eq!(verifier.verify(&theirs, now).await, Err(AccessTokenError::UnknownKey));
    let late = now + tryzore_auth::claims::ACCESS_LIFE * 2;
    assert_eq!(verifier.verify(&ours, late).await, Err(AccessTokenError::Expired));
    assert_eq!(verifier.verify("a.b.c", now).await, Err(AccessTokenError::Malformed));
}

#[tokio::test]
async fn a_token_about_someone_else_than_the_answer_is_refused() {
    let emulator = emulator().await;
    let sign_in = json!({ "grant_type": "password", "client_id": "client_test", "email": "ada@example.com",
        "password": RIGHT });
    let answer = emulator.post("/user_management/authenticate", sign_in).await;
    let keys = reqwest::get(format!("{}/sso/jwks/client_test", emulator.url)).await.unwrap();
    let keys: serde_json::Value = keys.json().await.unwrap();
    // A proxy answers with the tokens of Ada for any user.
    for (id, refused) in [(answer["user"]["id"].clone(), false), (json!("user_eve"), true)] {
        let between = MockServer::start().await;
        let mut changed = answer.clone();
        changed["user"]["id"] = id;
        let give = |body: &serde_json::Value| ResponseTemplate::new(200).set_body_json(body);
        Mock::given(method("POST")).respond_with(give(&changed)).mount(&between).await;
        Mock::given(method("GET")).respond_with(give(&keys)).mount(&between).await;
        let provider = Emulator::provider_at(&between.uri(), "sk_test");
        let answer = present(&provider, "ada@example.com", RIGHT).await;
        assert_eq!(matches!(answer, Err(IdentityError::Broken(_))), refused, "{answer:?}");
    }
}

#[tokio::test]
async fn a_session_that_ends_at_workos_is_reported_by_a_signed_delivery() {
    let emulator = emulator().await;
    let provider = emulator.provider();
    let ingest = MockServer::start().await;
    let (deliver, mut delivered) = tokio::sync::mpsc::unbounded_channel();
    let take = move |request: &wiremock::Request| {
        let taken = deliver.send(request.clone());
        ResponseTemplate::new(if taken.is_ok() { 200 } else { 503 })
    };
    Mock::given(header_exists("WorkOS-Signature")).respond_with(take).mount(&ingest).await;
    emulator
        .post(
            "/webhook_endpoints",
            json!({ "endpoint_url": ingest.uri(), "secret": "whsec_test",
            "events": ["session.revoked", "user.updated", "user.deleted"] }),
        )
        .await;
    let identity = present(&provider, "ada@example.com", RIGHT).await.unwrap();
    let session = identity.provider_session.unwrap();
    for _ in 0..2 {
        provider.provider_session_end(&session).await.expect("ending what has ended is no error");
    }

    let wanted = ProviderNews::SessionRevoked { provider_session: session };
    let waiting = async {
        loop {
            let request = delivered.recv().await.expect("the receiver runs");
            let header = request.headers["WorkOS-Signature"].to_str().unwrap();
            let now = SystemClock.now();
            let key = |text| WebhookSecret::new(secret(text));
            assert_eq!(key("whsec_test").verify(header, &request.body, now), Ok(()));
            let wrong = key("whsec_other").verify(header, &request.body, now);
            assert_eq!(wrong, Err(WebhookError::Signature));
            let delivery = webhook::read(&request.body).unwrap();
            if delivery.news.as_ref() == Some(&wanted) {
                return delivery;
            }
        }
    };
    let delivery = tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it is delivered");
    assert_eq!(delivery.event, "session.revoked");
    assert!(!delivery.id.is_empty());
}

#[tokio::test]
async fn a_wrong_api_key_is_an_internal_error() {
    let emulator = emulator().await;
    let whom = Enrolment { email: "eve@example.com".parse().unwrap(), name: "Eve".into(), subject: None };
    let answer =
        Emulator::provider_at(&emulator.url, "sk_wrong").identity_enrol(&whom, &secret("some words")).await;
    assert!(matches!(answer, Err(IdentityError::Broken(_))), "{answer:?}");
}
