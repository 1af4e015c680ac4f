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
