//! From sign-up to sign-out, and what may fail on the way.

use crate::stage::{PASSWORD, Stage};
use chrono::Duration;
use serde_json::json;
use tryzore_auth::Purpose;
use tryzore_kernel::{Clock, UserId};

#[tokio::test]
async fn aut_03_from_sign_up_to_sign_out() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    assert_eq!(stage.events("auth.email_verification_requested", user).await, 1);
    assert_eq!(stage.events("auth.user_claimed", user).await, 1);

    let signed_in = stage.login(&email.to_uppercase(), PASSWORD).await;
    assert_eq!(signed_in.status, 200, "{:#}", signed_in.body);
    assert_eq!(
        (&signed_in.body["token_type"], &signed_in.body["expires_in"]),
        (&json!("Bearer"), &json!(3600))
    );
    assert_eq!(signed_in.text("/user/id"), user.to_string());
    assert_eq!(signed_in.text("/tenant/id"), stage.studio.tenant.to_string());
    assert_eq!(signed_in.text("/organization/id"), stage.studio.main.to_string());
    assert_eq!(signed_in.text("/available/0/name"), "Main");

    let me = stage.get(&signed_in.access(), "/auth/me").await;
    assert_eq!(me.status, 200);
    assert_eq!(me.text("/session_id"), signed_in.text("/session_id"));
    assert_eq!(
        me.body["permissions"],
        json!(["own.view_schedule", "own.book", "own.profile", "own.security"])
    );

    stage.studio.clock.pass(Duration::minutes(50));
    let second = stage.post("/auth/refresh", json!({ "refresh_token": signed_in.refresh() })).await;
    assert_eq!(second.status, 200);
    assert_eq!(
        second.text("/session_id"),
        signed_in.text("/session_id"),
        "a session is renewed, not replaced"
    );
    assert_ne!(second.refresh(), signed_in.refresh());
    assert_eq!(stage.get(&second.access(), "/auth/me").await.status, 200);

    let out = stage.post_as(&second.access(), "/auth/logout", json!({})).await;
    assert_eq!(out.status, 204);
    let after = stage.get(&second.access(), "/auth/me").await;
    assert_eq!(after.code(), (401, "auth.session.revoked"), "at once");
    let refused = stage.post("/auth/refresh", json!({ "refresh_token": second.refresh() })).await;
    assert_eq!(refused.code(), (401, "auth.session.revoked"));
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_01_a_refresh_token_that_is_used_twice_ends_the_session() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let first = stage.login(&email, PASSWORD).await;
    let second = stage.post("/auth/refresh", json!({ "refresh_token": first.refresh() })).await;
    assert_eq!(stage.get(&second.access(), "/auth/me").await.status, 200);

    stage.studio.clock.pass(Duration::minutes(1));
    let reused = stage.post("/auth/refresh", json!({ "refresh_token": first.refresh() })).await;
    assert_eq!(reused.code(), (401, "auth.refresh.reused"));
    // The newest token ends as well: nobody knows which of the two callers is the thief.
    let newest = stage.post("/auth/refresh", json!({ "refresh_token": second.refresh() })).await;
    assert_eq!(newest.code(), (401, "auth.session.revoked"));
    for access in [first.access(), second.access()] {
        assert_eq!(stage.get(&access, "/auth/me").await.code(), (401, "auth.session.revoked"));
    }
    assert_eq!(stage.events("auth.refresh_reused", user).await, 1);
    assert_eq!(stage.events("auth.session_revoked", user).await, 1);
    assert_eq!(stage.login(&email, PASSWORD).await.status, 200, "signing in again works");
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_05_a_refresh_token_works_on_its_device_only() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let device = |id: &str| json!({ "id": id, "name": "Phone" });
    let form = json!({ "email": email, "password": PASSWORD, "device": device("a") });
    let first = stage.post("/auth/login", form).await;
    let form = |refresh: String, id: &str| json!({ "refresh_token": refresh, "device": device(id) });
    let second = stage.post("/auth/refresh", form(first.refresh(), "a")).await;
    assert_eq!(second.status, 200);
    let stolen = stage.post("/auth/refresh", form(second.refresh(), "b")).await;
    assert_eq!(stolen.code(), (401, "auth.refresh.other_device"));
    let owner = stage.post("/auth/refresh", form(second.refresh(), "a")).await;
    assert_eq!(owner.code(), (401, "auth.session.revoked"));
    stage.api.stop().await;
}

#[tokio::test]
async fn a_refresh_token_lives_thirty_days() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let [early, late] = [stage.login(&email, PASSWORD).await, stage.login(&email, PASSWORD).await];
    let refresh = async |answer: &crate::stage::Answer| {
        stage.post("/auth/refresh", json!({ "refresh_token": answer.refresh() })).await
    };
    stage.studio.clock.pass(Duration::days(30) - Duration::microseconds(1));
    assert_eq!(refresh(&early).await.status, 200);
    stage.studio.clock.pass(Duration::microseconds(1));
    assert_eq!(refresh(&late).await.status, 401);
    stage.api.stop().await;
}

#[tokio::test]
async fn a_password_reset_ends_every_session() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let before = stage.login(&email, PASSWORD).await;
    assert_eq!(stage.get(&before.access(), "/auth/me").await.status, 200);

    assert_eq!(stage.post("/auth/forgot-password", json!({ "email": email })).await.status, 202);
    assert_eq!(stage.events("auth.password_reset_requested", user).await, 1);
    let token = stage.link(user, Purpose::PasswordReset).await.unwrap();
    let choose = async |path: &str, password: &str| {
        stage.post(path, json!({ "token": token, "password": password })).await
    };
    assert_eq!(choose("/auth/verify-email", "another good one").await.code(), (401, "auth.link.invalid"));
    let weak = choose("/auth/reset-password", "12345678").await;
    assert_eq!((weak.status, weak.text("/errors/0/pointer")), (422, "/password".into()));
    // Later than the sign-in: sessions from before the reset are ended.
    stage.studio.clock.pass(Duration::minutes(1));
    assert_eq!(choose("/auth/reset-password", "another good one").await.status, 200);
    assert_eq!(choose("/auth/reset-password", "another good one").await.code(), (401, "auth.link.invalid"));

    assert_eq!(stage.get(&before.access(), "/auth/me").await.code(), (401, "auth.session.revoked"));
    stage.studio.clock.pass(Duration::seconds(1));
    assert_eq!(stage.login(&email, PASSWORD).await.status, 401);
    assert_eq!(stage.login(&email, "another good one").await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn only_the_newest_link_works_and_only_once_and_in_time() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.post("/auth/register", json!({ "email": email, "name": "Ada" })).await;
    let user = stage.user(&email).await;
    let verify = async |token: String| {
        stage.post("/auth/verify-email", json!({ "token": token, "password": PASSWORD })).await.status
    };
    let old = stage.link(user, Purpose::EmailVerification).await.unwrap();
    let late = stage.link(user, Purpose::EmailVerification).await.unwrap();
    assert_eq!(verify(old).await, 401, "replaced");
    stage.studio.clock.pass(Duration::hours(24));
    assert_eq!(verify(late).await, 401, "a day later");
    let last = stage.link(user, Purpose::EmailVerification).await.unwrap();
    stage.studio.clock.pass(Duration::hours(24) - Duration::microseconds(1));
    assert_eq!(verify(last.clone()).await, 200);
    assert_eq!(verify(last).await, 401, "spent");
    assert_eq!(stage.link(user, Purpose::EmailVerification).await, None, "nothing left to prove");
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_10_an_imported_client_is_claimed_by_verifying_the_address() {
    let stage = Stage::open().await;
    let (email, now) = (stage.email("ada"), stage.studio.clock.now());
    // As an import leaves it: a user to be claimed, and their client.
    let imported = UserId::generate(now);
    stage
        .studio
        .sql
        .execute(
            "INSERT INTO identity.users (id, email, name, status, created_at, updated_at)
             VALUES ($1, $2, 'A. Rossi', 'pending_claim', now(), now())",
            &[&imported.uuid(), &email],
        )
        .await
        .unwrap();
    let client = crate::stage::join(&stage.studio, imported).await;
    assert_eq!(stage.login(&email, PASSWORD).await.code(), (401, "auth.login.rejected"));

    assert_eq!(stage.person(&email).await, imported, "no second user");
    let signed_in = stage.login(&email, PASSWORD).await;
    assert_eq!(
        (signed_in.text("/user/id"), signed_in.text("/user/status")),
        (imported.to_string(), "active".into())
    );
    let kept = stage.studio.sql.query_one("SELECT id, user_id FROM crm.clients", &[]).await.unwrap();
    assert_eq!(kept.get::<_, uuid::Uuid>(0), client.uuid());
    assert_eq!(kept.get::<_, uuid::Uuid>(1), imported.uuid());
    let me = stage.get(&signed_in.access(), "/auth/me").await;
    assert!(me.body["permissions"].as_array().unwrap().contains(&json!("own.book")));
    stage.api.stop().await;
}

#[tokio::test]
async fn a_user_without_a_tenant_is_refused_after_the_password_check() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.person(&email).await;
    assert_eq!(stage.login(&email, PASSWORD).await.code(), (403, "auth.login.no_membership"));
    stage.api.stop().await;
}

#[tokio::test]
async fn a_deactivated_user_cannot_sign_in_and_their_session_ends() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let signed_in = stage.login(&email, PASSWORD).await;
    stage
        .studio
        .sql
        .execute(
            "UPDATE identity.users SET status = 'deactivated', deactivated_at = now() WHERE id = $1",
            &[&user.uuid()],
        )
        .await
        .unwrap();
    assert_eq!(stage.get(&signed_in.access(), "/auth/me").await.code(), (403, "auth.user.deactivated"));
    assert_eq!(stage.login(&email, PASSWORD).await.code(), (403, "auth.user.deactivated"));
    assert_eq!(stage.login(&email, "something else").await.code(), (401, "auth.login.rejected"));
    stage.api.stop().await;
}
