//! The limit of requests of an API key (AUT-07).

use crate::stage::{PASSWORD, Stage, operations};
use chrono::Duration;
use serde_json::json;
use std::num::NonZeroU32;
use tryzore_testkit::{
    TestTenant,
    http::{Api, auth_settings},
};

const PER_KEY: u32 = 3;

#[tokio::test]
async fn aut_07_each_api_key_has_its_own_limit() {
    let studio = TestTenant::open().await;
    let limit = NonZeroU32::new(PER_KEY).unwrap();
    let api = Api::start_with_all(&studio, operations, &auth_settings(), |settings| {
        settings.limits.per_api_key = limit;
    })
    .await;
    let stage = Stage::before(studio, api);
    let email = stage.email("owner");
    stage.employee(&email, stage.studio.main, &["settings.manage_roles", "clients.*"]).await;
    let person = stage.login(&email, PASSWORD).await.access();
    let mut keys = Vec::new();
    for name in ["Door", "Till"] {
        let form = json!({
            "name": name, "organization_id": stage.studio.main, "permissions": ["clients.create"],
            "expires_at": stage.studio.now() + Duration::days(30),
        });
        keys.push(stage.post_as(&person, "/api-keys", form).await.text("/text"));
    }
    let path = format!("/decisions?object_id={}", stage.studio.main);
    for nth in 1..=PER_KEY {
        assert_eq!(stage.get(&keys[0], &path).await.status, 200, "request {nth}");
    }
    let refused = stage.get(&keys[0], &path).await;
    assert_eq!(refused.code(), (429, "request.too_often"));
    assert_eq!(refused.body["denial"]["because"][0]["value"], "api_key");
    assert!((1..=60).contains(&refused.retry_after.unwrap()), "{:?}", refused.retry_after);
    // Neither the other key nor a person is affected.
    for nth in 1..=PER_KEY {
        assert_eq!(stage.get(&keys[1], &path).await.status, 200, "request {nth}");
    }
    assert_eq!(stage.get(&keys[1], &path).await.status, 429);
    for _ in 0..=PER_KEY {
        assert_eq!(stage.get(&person, "/auth/me").await.status, 200);
    }
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_19_a_key_may_have_a_lower_limit_of_its_own() {
    let stage = Stage::open().await;
    let email = stage.email("owner");
    stage.employee(&email, stage.studio.main, &["settings.manage_roles", "clients.*"]).await;
    let person = stage.login(&email, PASSWORD).await.access();
    let path = format!("/decisions?object_id={}", stage.studio.main);
    let mut keys = Vec::new();
    for limit in [json!(2), json!(3), json!(2)] {
        let form = json!({
            "name": "Door", "organization_id": stage.studio.main, "permissions": ["clients.create"],
            "expires_at": stage.studio.now() + Duration::days(30), "requests_per_minute": limit,
        });
        let issued = stage.post_as(&person, "/api-keys", form).await;
        assert_eq!(issued.body["requests_per_minute"], limit);
        keys.push((issued.text("/text"), limit));
    }
    for (key, limit) in &keys {
        for nth in 1..=limit.as_u64().unwrap() {
            assert_eq!(stage.get(key, &path).await.status, 200, "request {nth} of {limit}");
        }
        let refused = stage.get(key, &path).await;
        assert_eq!(refused.code(), (429, "request.too_often"));
        assert_eq!(refused.body["denial"]["because"][0]["value"], "api_key_own");
        assert_eq!(refused.body["denial"]["because"][1]["value"], *limit);
    }
    for limit in [0, 6001] {
        let form = json!({
            "name": "Door", "organization_id": stage.studio.main, "permissions": ["clients.create"],
            "expires_at": stage.studio.now() + Duration::days(30), "requests_per_minute": limit,
        });
        let refused = stage.post_as(&person, "/api-keys", form).await;
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, "/requests_per_minute".into()));
    }
    stage.api.stop().await;
}
