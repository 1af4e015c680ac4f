//! Requests that try to get a session that is not theirs: odd `Authorization` headers and session fixation.

use crate::stage::{PASSWORD, Stage, answer};
use reqwest::{
    Client,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use serde_json::json;

#[tokio::test]
async fn an_authorization_header_that_is_not_exactly_one_bearer_token_is_refused() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let token = stage.login(&email, PASSWORD).await.access();
    let url = format!("{}/api/v1/auth/me", stage.api.url());
    let http = Client::new();
    let long = "a".repeat(17 * 1024);
    let long_claims = format!("{}.{long}.x", token.split('.').next().unwrap());
    for (header, what) in [
        (String::new(), "nothing"),
        ("Bearer".into(), "no token"),
        ("Bearer ".into(), "an empty token"),
        (token.clone(), "no scheme"),
        (format!("Basic {token}"), "another scheme"),
        (format!("Token {token}"), "another scheme"),
        (format!("Bearer: {token}"), "a colon"),
        (format!("Bearer\t{token}"), "a tab"),
        (format!("Bearer {token} {token}"), "two tokens"),
        (format!("Bearer {token}, Bearer {token}"), "a list"),
        (format!("Bearer {token}\u{e9}"), "a letter beyond ASCII"),
        (format!("Bearer {long}"), "a long text"),
        (format!("Bearer {long_claims}"), "long claims"),
        (format!("Bearer tzk_{long}"), "a long key"),
        (format!("Bearer tzk_{}", "_".repeat(100)), "a key without parts"),
        ("Bearer tzk_' OR 'a'='a_x".into(), "a key with a quote"),
        ("Bearer tzk_%00_x".into(), "a key with an escape"),
    ] {
        let value = HeaderValue::from_bytes(header.as_bytes()).unwrap();
        let told = answer(http.get(&url).header(AUTHORIZATION, value).send().await.unwrap()).await;
        assert_eq!((told.status, told.code().1.starts_with("auth.")), (401, true), "{what}: {:#}", told.body);
    }
    let mut twice = HeaderMap::new();
    for value in [format!("Bearer {token}"), "Bearer other".to_owned()] {
        twice.append(AUTHORIZATION, value.parse().unwrap());
    }
    let told = answer(http.get(&url).headers(twice).send().await.unwrap()).await;
    assert_eq!(told.code(), (401, "auth.token.malformed"), "two headers");

    // The server may stop reading a header of a megabyte: then there is no answer, and the next caller gets one.
    let huge = format!("Bearer {}", "a".repeat(1_000_000));
    if let Ok(told) = http.get(&url).header(AUTHORIZATION, huge).send().await {
        assert!(told.status().is_client_error(), "{}", told.status());
    }
    assert_eq!(stage.get(&token, "/auth/me").await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn a_sign_in_continues_no_session_that_the_request_brings() {
    let stage = Stage::open().await;
    let [ada, eve] = [stage.email("ada"), stage.email("eve")];
    let (ada_id, _) = stage.client(&ada).await;
    stage.client(&eve).await;
    let planted = stage.login(&eve, PASSWORD).await;
    let form = json!({ "email": ada, "password": PASSWORD });
    // Ada's browser has the token of Eve when Ada signs in.
    let own = stage.post_as(&planted.access(), "/auth/login", form.clone()).await;
    assert_eq!((own.status, own.text("/user/id")), (200, ada_id.to_string()));
    for name in ["/session_id", "/access_token", "/refresh_token"] {
        assert_ne!(own.text(name), planted.text(name), "{name}");
    }
    assert_eq!(stage.get(&planted.access(), "/auth/me").await.text("/user/email"), eve);

    for name in ["session_id", "refresh_token", "access_token", "sid", "user_id"] {
        let mut fixed = form.clone();
        fixed[name] = planted.body["session_id"].clone();
        let refused = stage.post("/auth/login", fixed).await;
        assert_eq!(
            (refused.status, refused.code().1),
            (422, "request.invalid"),
            "{name}: {:#}",
            refused.body
        );
    }
    stage.api.stop().await;
}
