//! Ending sessions from another session, in this process and in others.

use crate::stage::{PASSWORD, Stage, operations};
use serde_json::json;
use std::time::Duration;
use tryzore_postgres::{
    DatabaseConfig,
    invalidation::{INVALIDATIONS, announce_invalidations, follow_invalidations},
    runtime::Listener,
};
use tryzore_rbac::{SystemActor, catalogue::ManageStaff, manage::GrantsChanged, permit::Permit};
use tryzore_testkit::{Service, http::Api};

#[tokio::test]
async fn a_session_that_is_ended_by_another_session_ends_at_once() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let [phone, laptop] = [stage.login(&email, PASSWORD).await, stage.login(&email, PASSWORD).await];
    // Cached from here on.
    assert_eq!(stage.get(&phone.access(), "/auth/me").await.status, 200);

    let listed = stage.get(&laptop.access(), "/auth/sessions").await;
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 2);
    let ended =
        stage.delete(&laptop.access(), &format!("/auth/sessions/{}", phone.text("/session_id"))).await;
    assert_eq!(ended.status, 204);
    assert_eq!(stage.get(&phone.access(), "/auth/me").await.code(), (401, "auth.session.revoked"));
    let refused = stage.post("/auth/refresh", json!({ "refresh_token": phone.refresh() })).await;
    assert_eq!(refused.code(), (401, "auth.session.revoked"));
    let listed = stage.get(&laptop.access(), "/auth/sessions").await;
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed.body["data"][0]["is_current"], true);
    stage.api.stop().await;
}

#[tokio::test]
async fn all_other_sessions_end_and_the_current_one_stays() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let [one, two, here] = [(); 3].map(|()| stage.login(&email, PASSWORD));
    let (one, two, here) = (one.await, two.await, here.await);
    assert_eq!(stage.delete(&here.access(), "/auth/sessions").await.body, json!({ "ended": 2 }));
    for gone in [one, two] {
        assert_eq!(stage.get(&gone.access(), "/auth/me").await.status, 401);
    }
    assert_eq!(stage.get(&here.access(), "/auth/me").await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn nobody_ends_the_session_of_another_user() {
    let stage = Stage::open().await;
    let [ada, eve] = [stage.email("ada"), stage.email("eve")];
    stage.client(&ada).await;
    stage.client(&eve).await;
    let (ada, eve) = (stage.login(&ada, PASSWORD).await, stage.login(&eve, PASSWORD).await);
    let path = format!("/auth/sessions/{}", ada.text("/session_id"));
    assert_eq!(stage.delete(&eve.access(), &path).await.status, 404);
    assert_eq!(stage.get(&ada.access(), "/auth/me").await.status, 200);
    stage.api.stop().await;
}

// Another process: its own pool, cache and connection to listen on.
#[tokio::test]
async fn another_process_invalidates_a_session_too() {
    let stage = Stage::open().await;
    let config = DatabaseConfig::new(stage.studio.database.url(Service::Api));
    let announcing = announce_invalidations(&stage.studio.db, &config).unwrap();
    let studio = tryzore_testkit::TestTenant {
        database: tryzore_testkit::Database::shared().await,
        db: stage.studio.database.as_service(Service::Api, stage.studio.clock.clone()),
        clock: stage.studio.clock.clone(),
        tenant: stage.studio.tenant,
        main: stage.studio.main,
        sql: stage.studio.database.client(Service::Api).await,
    };
    let there = Api::start_with_sessions(&studio, operations).await;
    let listener = Listener::start(&config, &[INVALIDATIONS]).unwrap();
    let (cache, mut connected) = (there.cache().clone(), listener.on(INVALIDATIONS));
    let following = tokio::spawn(follow_invalidations(listener.on(INVALIDATIONS), move |invalidation| {
        cache.invalidate(invalidation)
    }));
    connected.wait_for(|heard| heard.count > 0).await.unwrap();

    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let signed_in = stage.login(&email, PASSWORD).await;
    let over_there = async || {
        let url = format!("{}/api/v1/auth/me", there.url());
        let response = reqwest::Client::new().get(url).bearer_auth(signed_in.access()).send().await.unwrap();
        crate::stage::answer(response).await
    };
    assert_eq!(over_there().await.status, 200);
    let heard = connected.borrow_and_update().count;

    // A change of roles reaches the other process as well as the end of a session.
    let permit = Permit::<ManageStaff>::system(stage.studio.tenant, SystemActor::Worker);
    let now = stage.studio.now();
    let changed = stage.studio.db.tenant_tx(&permit, async |tx| {
        GrantsChanged::publish(user, tx, now);
        Ok::<_, tryzore_kernel::Problem>(())
    });
    changed.await.unwrap();
    connected.wait_for(|now| now.count > heard).await.unwrap();
    assert_eq!(over_there().await.status, 200, "asked again, and still so");

    assert_eq!(stage.post_as(&signed_in.access(), "/auth/logout", json!({})).await.status, 204);
    let ended = async {
        while over_there().await.status != 401 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), ended)
        .await
        .expect("far sooner than what is remembered lasts");
    announcing.abort();
    following.abort();
    there.stop().await;
    stage.api.stop().await;
}

#[tokio::test]
async fn a_change_of_roles_takes_effect_at_the_next_request() {
    let stage = Stage::open().await;
    let email = stage.email("bea");
    let user = stage.employee(&email, stage.studio.main, &["events.view_all"]).await;
    let signed_in = stage.login(&email, PASSWORD).await;
    let held = async || stage.get(&signed_in.access(), "/auth/me").await.body["permissions"].clone();
    assert_eq!(held().await, json!(["events.view_all", "own.profile", "own.security"]));
    let permit = Permit::<ManageStaff>::system(stage.studio.tenant, SystemActor::Worker);
    let now = stage.studio.now();
    let deny = "INSERT INTO rbac.overrides (tenant_id, user_id, id, pattern, effect, reason, created_at)
                VALUES ($1, $2, $2, 'events.view_all', 'deny', 'test', now())";
    stage.studio.sql.execute(deny, &[&stage.studio.tenant.uuid(), &user.uuid()]).await.unwrap();
    assert_eq!(held().await, json!(["events.view_all", "own.profile", "own.security"]), "remembered");
    let told = stage.studio.db.tenant_tx(&permit, async |tx| {
        GrantsChanged::publish(user, tx, now);
        Ok::<_, tryzore_kernel::Problem>(())
    });
    told.await.unwrap();
    assert_eq!(held().await, json!(["own.profile", "own.security"]));
    stage.api.stop().await;
}

/// Lets the roles of `user` end at `end`.
async fn end_roles(stage: &Stage, user: tryzore_kernel::UserId, end: chrono::DateTime<chrono::Utc>) {
    let update = "UPDATE rbac.assignments SET expires_at = $3 WHERE tenant_id = $1 AND user_id = $2";
    let tenant = stage.studio.tenant.uuid();
    assert_eq!(stage.studio.sql.execute(update, &[&tenant, &user.uuid(), &end]).await.unwrap(), 1);
}

#[tokio::test]
async fn rba_03_a_role_ends_exactly_on_time_for_sessions_and_for_the_keys_of_its_holder() {
    let stage = Stage::open().await;
    let email = stage.email("bea");
    let user = stage.employee(&email, stage.studio.main, &["settings.manage_roles", "clients.*"]).await;
    let end = stage.studio.now() + chrono::Duration::minutes(10);
    end_roles(&stage, user, end).await;
    let token = stage.login(&email, PASSWORD).await.access();
    let form = json!({
        "name": "Door", "organization_id": stage.studio.main, "permissions": ["clients.create"],
        "expires_at": end + chrono::Duration::days(30),
    });
    let key = stage.post_as(&token, "/api-keys", form).await.text("/text");
    let probe = format!("/decisions?object_id={}", stage.studio.main);
    stage.studio.clock.pass(end - stage.studio.now() - chrono::Duration::microseconds(1));
    for bearer in [&token, &key] {
        assert_eq!(stage.get(bearer, &probe).await.status, 200, "remembered from here on");
    }
    stage.studio.clock.pass(chrono::Duration::microseconds(1));
    assert_eq!(stage.get(&token, &probe).await.code(), (403, "auth.session.no_membership"));
    assert_eq!(stage.get(&key, &probe).await.code(), (401, "auth.api_key.issuer_gone"));
    let again = stage.post("/auth/login", json!({ "email": email, "password": PASSWORD })).await;
    assert_eq!(again.code(), (403, "auth.login.no_membership"));
    stage.api.stop().await;
}

#[tokio::test]
async fn rba_03_a_session_goes_on_without_the_override_that_has_ended() {
    let stage = Stage::open().await;
    let email = stage.email("bea");
    let user = stage.employee(&email, stage.studio.main, &["events.view_all"]).await;
    let end = stage.studio.now() + chrono::Duration::minutes(10);
    let set =
        "INSERT INTO rbac.overrides (tenant_id, user_id, id, pattern, effect, reason, created_at, expires_at)
               VALUES ($1, $2, $2, 'events.view_all', 'deny', 'test', now(), $3)";
    stage.studio.sql.execute(set, &[&stage.studio.tenant.uuid(), &user.uuid(), &end]).await.unwrap();
    let signed_in = stage.login(&email, PASSWORD).await;
    let views = async || {
        let held = stage.get(&signed_in.access(), "/auth/me").await.body["permissions"].clone();
        held.as_array().unwrap().contains(&json!("events.view_all"))
    };
    stage.studio.clock.pass(end - stage.studio.now() - chrono::Duration::microseconds(1));
    assert!(!views().await);
    stage.studio.clock.pass(chrono::Duration::microseconds(1));
    assert!(views().await, "although the session was remembered");
    stage.api.stop().await;
}
