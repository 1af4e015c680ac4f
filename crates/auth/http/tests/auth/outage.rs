//! The identity provider is down: sessions go on, and signing in says so.

use crate::stage::{Answer, PASSWORD, Stage, answer, operations};
use chrono::Duration;
use serde_json::{Value, json};
use tryzore_auth::Purpose;
use tryzore_testkit::http::{Api, auth_settings};
use tryzore_web::settings::{AuthSettings, ProviderKind, WorkOsSettings};

/// A service with the same sessions whose provider is WorkOS, at an address where nothing listens.
async fn cut_off(stage: &Stage) -> Api {
    let workos = WorkOsSettings {
        api_key: "sk_test".to_owned().into(),
        client_id: "client_1".into(),
        base_url: "http://127.0.0.1:9".into(),
        timeout_seconds: 1,
    };
    let settings = AuthSettings { provider: ProviderKind::Workos, workos: Some(workos), ..auth_settings() };
    Api::start_with_auth(&stage.studio, operations, &settings).await
}

async fn post(api: &Api, token: Option<&str>, path: &str, form: Value) -> Answer {
    let mut request = reqwest::Client::new().post(format!("{}/api/v1{path}", api.url())).json(&form);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    answer(request.send().await.unwrap()).await
}

async fn me(api: &Api, token: &str) -> Answer {
    let request = reqwest::Client::new().get(format!("{}/api/v1/auth/me", api.url())).bearer_auth(token);
    answer(request.send().await.unwrap()).await
}

#[tokio::test]
async fn aut_09_while_workos_is_down_sessions_are_used_refreshed_moved_and_ended() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let downtown = stage.studio.location("Downtown").await;
    let signed_in = stage.login(&email, PASSWORD).await;
    let api = cut_off(&stage).await;

    assert_eq!(me(&api, &signed_in.access()).await.status, 200);
    stage.studio.clock.pass(Duration::hours(2));
    assert_eq!(me(&api, &signed_in.access()).await.code(), (401, "auth.token.expired"));
    let refreshed = post(&api, None, "/auth/refresh", json!({ "refresh_token": signed_in.refresh() })).await;
    assert_eq!(refreshed.status, 200, "{:#}", refreshed.body);
    let access = refreshed.access();
    assert_eq!(me(&api, &access).await.status, 200);
    let form = json!({ "organization_id": downtown });
    assert_eq!(post(&api, Some(&access), "/auth/switch-organization", form).await.status, 200);
    assert_eq!(post(&api, Some(&access), "/auth/logout", json!({})).await.status, 204);
    assert_eq!(me(&api, &access).await.code(), (401, "auth.session.revoked"));
    api.stop().await;
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_09_while_workos_is_down_signing_in_is_503_and_no_attempt_counts() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let api = cut_off(&stage).await;
    let login = json!({ "email": email, "password": PASSWORD });
    // More often than failures that would lock.
    for _ in 0..7 {
        let refused = post(&api, None, "/auth/login", login.clone()).await;
        assert_eq!((refused.code(), refused.retry_after), ((503, "unavailable"), Some(1)));
        assert!(!refused.body.to_string().contains("127.0.0.1"), "{:#}", refused.body);
    }
    let code = json!({ "code": "x", "code_verifier": "y" });
    let refused = post(&api, None, "/auth/workos/callback", code).await;
    assert_eq!((refused.code(), refused.retry_after), ((503, "unavailable"), Some(1)));
    assert_eq!(stage.login(&email, PASSWORD).await.status, 200, "the provider is back");
    api.stop().await;
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_03_while_workos_is_down_a_link_is_not_used_up() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let session = stage.login(&email, PASSWORD).await;
    let token = stage.link(user, Purpose::PasswordReset).await.unwrap();
    let api = cut_off(&stage).await;
    let form = json!({ "token": token, "password": "another good one" });
    let refused = post(&api, None, "/auth/reset-password", form.clone()).await;
    assert_eq!((refused.code(), refused.retry_after), ((503, "unavailable"), Some(1)));
    assert_eq!(me(&api, &session.access()).await.status, 200, "nothing has changed");
    assert_eq!(stage.post("/auth/reset-password", form).await.status, 200, "the provider is back");
    api.stop().await;
    stage.api.stop().await;
}
