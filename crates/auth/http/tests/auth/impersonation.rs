//! Impersonation over HTTP: what an employee sees of another person, for how long, and who can see that (AUT-16).

use crate::stage::{Answer, PASSWORD, Stage};
use chrono::Duration;
use serde_json::json;
use tryzore_kernel::UserId;

const MANAGER: &[&str] = &["support.impersonate", "settings.manage_roles", "events.*"];

async fn manager(stage: &Stage) -> (UserId, String) {
    let email = stage.email("manager");
    let user = stage.employee(&email, stage.studio.main, MANAGER).await;
    (user, stage.login(&email, PASSWORD).await.access())
}

async fn impersonate(stage: &Stage, token: &str, user: UserId) -> Answer {
    let wish = json!({ "user_id": user, "reason": "Cannot find a booking" });
    stage.post_as(token, "/auth/impersonations", wish).await
}

#[tokio::test]
async fn aut_16_shows_the_view_of_a_client_with_a_banner_and_ends_after_15_minutes_to_the_second() {
    let stage = Stage::open().await;
    let (actor, token) = manager(&stage).await;
    let email = stage.email("client");
    let (client, _) = stage.client(&email).await;
    let started = impersonate(&stage, &token, client).await;
    assert_eq!((started.status, started.body["expires_in"].as_i64()), (201, Some(900)), "{:#}", started.body);
    assert!(started.body.get("refresh_token").is_none());
    let acting = started.access();
    let me = stage.get(&acting, "/auth/me").await;
    assert_eq!(me.text("/user/id"), actor.to_string());
    assert_eq!(me.text("/acting/subject/id"), client.to_string());
    assert_eq!(me.text("/acting/subject/name"), "Ada Rossi", "as the business knows them");
    assert!(!me.body.to_string().contains(&email), "the address of the account is not shown");
    assert_eq!(me.text("/acting/reason"), "Cannot find a booking");
    assert_eq!(me.body["acting"]["expires_at"], started.body["acting"]["expires_at"]);
    assert_eq!(me.body["tenants"].as_array().unwrap().len(), 1);
    assert!(me.body["permissions"].as_array().unwrap().contains(&json!("own.book")));
    assert!(stage.get(&token, "/auth/me").await.body["acting"].is_null(), "the own session is as before");

    stage.studio.clock.pass(Duration::minutes(15) - Duration::microseconds(1));
    assert_eq!(stage.get(&acting, "/auth/me").await.status, 200);
    stage.studio.clock.pass(Duration::microseconds(1));
    assert_eq!(stage.get(&acting, "/auth/me").await.code(), (401, "auth.session.expired"));
    assert_eq!(stage.get(&token, "/auth/me").await.status, 200);
}

#[tokio::test]
async fn aut_16_changes_nothing_shows_nothing_of_the_account_and_is_logged() {
    let stage = Stage::open().await;
    let (actor, token) = manager(&stage).await;
    let email = stage.email("client");
    let (client, _) = stage.client(&email).await;
    let acting = impersonate(&stage, &token, client).await.access();
    let form = json!({ "user_id": client, "reason": "Once more" });
    let nested = stage.post_as(&acting, "/auth/impersonations", form).await;
    assert_eq!(nested.code(), (403, "auth.acting.read_only"));
    assert_eq!(stage.delete(&acting, "/auth/sessions").await.code(), (403, "auth.acting.read_only"));
    assert_eq!(stage.get(&acting, "/auth/sessions").await.code(), (403, "rbac.permission.missing"));
    let choices = stage.get(&acting, "/auth/organizations").await;
    assert_eq!(choices.body["data"].as_array().unwrap().len(), 1);

    let count = |operation: &str| {
        let query = format!(
            "SELECT count(*) FROM governance.access_log
             WHERE operation = '{operation}' AND user_id = '{}' AND '{}' = ANY (object_ids)",
            actor.uuid(),
            client.uuid()
        );
        let stage = &stage;
        async move { stage.studio.count(&query).await }
    };
    assert_eq!(count("GET /api/v1/auth/organizations").await, 1);
    assert_eq!(count("GET /api/v1/auth/sessions").await, 1, "also what was refused");
    let decided = "SELECT count(*) FROM governance.audit_log
                   WHERE action = 'impersonations.start' AND details ->> 'reason' = 'Cannot find a booking'";
    assert_eq!(stage.studio.count(decided).await, 1);
}

#[tokio::test]
async fn aut_16_ends_at_once_by_its_own_token_or_from_the_own_session() {
    let stage = Stage::open().await;
    let (_, token) = manager(&stage).await;
    let (client, _) = stage.client(&stage.email("client")).await;
    let [first, second] =
        [impersonate(&stage, &token, client).await, impersonate(&stage, &token, client).await];
    assert_eq!(stage.post_as(&first.access(), "/auth/logout", json!({})).await.status, 204);
    assert_eq!(stage.get(&first.access(), "/auth/me").await.code(), (401, "auth.session.revoked"));
    assert_eq!(stage.get(&second.access(), "/auth/me").await.status, 200);
    assert_eq!(stage.delete(&token, "/auth/sessions").await.status, 200);
    assert_eq!(stage.get(&second.access(), "/auth/me").await.code(), (401, "auth.session.revoked"));
}

#[tokio::test]
async fn aut_16_only_who_has_fewer_permissions_and_is_seen_can_be_impersonated() {
    let stage = Stage::open().await;
    let (actor, token) = manager(&stage).await;
    let peer = stage.employee(&stage.email("peer"), stage.studio.main, MANAGER).await;
    let other = stage.employee(&stage.email("other"), stage.studio.main, &["clients.view_basic"]).await;
    let fewer = stage.employee(&stage.email("fewer"), stage.studio.main, &["events.view_own"]).await;
    for (user, code) in [
        (peer, "auth.impersonation.not_fewer_rights"),
        (other, "auth.impersonation.not_fewer_rights"),
        (actor, "auth.impersonation.oneself"),
    ] {
        assert_eq!(impersonate(&stage, &token, user).await.code().1, code);
    }
    let elsewhere = stage.studio.location("Elsewhere").await;
    let hidden = stage.employee(&stage.email("hidden"), elsewhere, &["events.view_own"]).await;
    let nobody = UserId::generate(stage.studio.now());
    let (hidden, nobody) =
        (impersonate(&stage, &token, hidden).await, impersonate(&stage, &token, nobody).await);
    assert_eq!((hidden.status, &hidden), (404, &nobody));
    let started = impersonate(&stage, &token, fewer).await;
    let me = stage.get(&started.access(), "/auth/me").await;
    assert_eq!(me.body["permissions"], json!(["events.view_own", "own.profile"]));
}

#[tokio::test]
async fn aut_16_signing_out_of_the_own_session_ends_the_views_of_others() {
    let stage = Stage::open().await;
    let (_, token) = manager(&stage).await;
    let (client, _) = stage.client(&stage.email("client")).await;
    let acting = impersonate(&stage, &token, client).await.access();
    assert_eq!(stage.get(&acting, "/auth/me").await.status, 200);
    assert_eq!(stage.post_as(&token, "/auth/logout", json!({})).await.status, 204);
    assert_eq!(stage.get(&acting, "/auth/me").await.code(), (401, "auth.session.revoked"));
}
