//! Sessions that end here, and the requests to the identity provider.

use crate::{
    relay::Relay,
    stage::{eventually, nothing_is_left, settings, with_settings, with_worker},
};
use chrono::TimeDelta;
use serde_json::Value;
use std::collections::BTreeSet;
use tryzore_auth::{
    Origin, Session, Sessions, User, UserStatus, Users,
    follow_provider::{ProviderNews, follow_provider},
    logout::logout,
    revoke_session::revoke_other_sessions,
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Problem, SessionId, UserId};
use tryzore_postgres::TenantTx;
use tryzore_rbac::{
    Actor, Grants, Holdings, Permit,
    catalogue::{OwnProfile, OwnSecurity},
};
use tryzore_testkit::{Database, Service, TestTenant};
use tryzore_web::settings::{ProviderKind, WorkOsSettings};
use tryzore_worker::{Settings, settings::ProviderSettings};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, method, path},
};

const REVOKE: &str = "/user_management/sessions/revoke";

/// WorkOS, which answers nothing that it is not told to.
async fn workos() -> (MockServer, ProviderSettings) {
    let server = MockServer::start().await;
    let workos = WorkOsSettings {
        api_key: "sk_test".to_owned().into(),
        client_id: "client_test".into(),
        base_url: server.uri(),
        timeout_seconds: 10,
    };
    (server, ProviderSettings { provider: ProviderKind::Workos, workos: Some(workos) })
}

async fn answer(server: &MockServer, session: &str, status: u16, times: Option<u64>) {
    let asked = Mock::given(method("POST"))
        .and(path(REVOKE))
        .and(body_json(serde_json::json!({ "session_id": session })))
        .respond_with(ResponseTemplate::new(status).set_body_json(serde_json::json!({})));
    match times {
        Some(times) => asked.up_to_n_times(times).mount(server).await,
        None => asked.mount(server).await,
    }
}

/// The sessions that WorkOS was asked to end, each once.
async fn asked(server: &MockServer) -> BTreeSet<String> {
    let requests = server.received_requests().await.unwrap();
    let session = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["session_id"].to_string();
    requests.iter().map(|request| session(&request.body)).collect()
}

/// Someone who signs in.
async fn person(studio: &TestTenant) -> UserId {
    let now = studio.now();
    let email = format!("{}@example.com", studio.tenant.uuid().simple()).parse().unwrap();
    let user = User::new(email, "Ada".into(), None, now);
    let user = User { status: UserStatus::Active, email_verified_at: Some(now), ..user };
    assert!(studio.db.auth_tx(async |tx| tx.auth().user_insert(&user).await).await.unwrap());
    user.id
}

/// A session of `user` that follows one of the provider's, and what it may do.
async fn sign_in(studio: &TestTenant, user: UserId, provider_session: Option<&str>) -> Permit<OwnProfile> {
    let now = studio.now();
    let session = Session {
        id: SessionId::generate(now),
        user,
        tenant: studio.tenant,
        organization: Some(studio.main),
        origin: Origin::default(),
        provider_session: provider_session.map(str::to_owned),
        created_at: now,
        last_active: now,
        expires_at: now + TimeDelta::days(30),
        revoked: None,
        factor: None,
        acting: None,
    };
    studio.db.auth_tx(async |tx| tx.auth().session_insert(&session).await).await.unwrap();
    let actor = Actor::User { user, session: session.id };
    Grants::compile(actor, studio.tenant, Some(studio.main), &Holdings::default()).permit().unwrap()
}

async fn sign_out(studio: &TestTenant, permit: &Permit<OwnProfile>) {
    let now = studio.now();
    let done = async |tx: &mut TenantTx| Ok::<_, Problem>(logout(permit, &mut tx.auth(), now).await?);
    studio.db.tenant_tx(permit, done).await.unwrap().unwrap();
}

#[tokio::test]
async fn aut_09_a_sign_out_ends_the_session_at_the_provider_however_many_attempts_it_takes() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let (server, auth) = workos().await;
    let user = person(&studio).await;
    let [phone, of_ours] =
        [sign_in(&studio, user, Some("session_1")).await, sign_in(&studio, user, None).await];
    // More often than the adapter tries by itself: the job comes back.
    answer(&server, "session_1", 503, Some(5)).await;
    answer(&server, "session_1", 200, None).await;
    sign_out(&studio, &phone).await;
    sign_out(&studio, &of_ours).await;
    with_settings(&studio, Settings { auth, ..settings(&studio, &relay) }, async |_| {
        let worker = studio.database.client(Service::Work).await;
        let waits = "SELECT count(*) FROM runtime.jobs WHERE attempts > 0 AND locked_by IS NULL";
        eventually("the sixth time", async || {
            if worker.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 1 {
                studio.clock.pass(TimeDelta::seconds(4));
            }
            server.received_requests().await.unwrap().len() == 6
        })
        .await;
        nothing_is_left(&studio).await;
    })
    .await;
    assert_eq!(server.received_requests().await.unwrap().len(), 6, "done is done");
    assert_eq!(asked(&server).await, BTreeSet::from(["\"session_1\"".to_owned()]));
}

#[tokio::test]
async fn aut_09_a_session_of_the_provider_lives_as_long_as_one_of_ours_follows_it() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let (server, auth) = workos().await;
    let user = person(&studio).await;
    let here = sign_in(&studio, user, Some("session_1")).await;
    for other in ["session_1", "session_2"] {
        sign_in(&studio, user, Some(other)).await;
        answer(&server, other, 200, None).await;
    }
    let now = studio.now();
    let grants = Grants::compile(here.actor(), studio.tenant, Some(studio.main), &Holdings::default());
    let permit: Permit<OwnSecurity> = grants.permit().unwrap();
    let others = async |tx: &mut TenantTx| {
        Ok::<_, Problem>(revoke_other_sessions(&permit, &mut tx.auth(), now).await?)
    };
    assert_eq!(studio.db.tenant_tx(&permit, others).await.unwrap().unwrap(), 2);
    with_settings(&studio, Settings { auth, ..settings(&studio, &relay) }, async |_| {
        nothing_is_left(&studio).await;
        assert_eq!(asked(&server).await, BTreeSet::from(["\"session_2\"".to_owned()]));
        sign_out(&studio, &here).await;
        nothing_is_left(&studio).await;
        assert_eq!(asked(&server).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_the_provider_has_ended_and_passwords_of_our_own_leave_nothing_to_do() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let (server, auth) = workos().await;
    let user = person(&studio).await;
    sign_in(&studio, user, Some("session_1")).await;
    let ended = ProviderNews::SessionRevoked { provider_session: "session_1".into() };
    let now = studio.now();
    studio.db.auth_tx(async |tx| follow_provider(&mut tx.auth(), ended.clone(), now).await).await.unwrap();
    with_settings(&studio, Settings { auth, ..settings(&studio, &relay) }, async |_| {
        nothing_is_left(&studio).await;
    })
    .await;
    assert!(asked(&server).await.is_empty());
    // The provider was another one when she signed in.
    let moved = sign_in(&studio, user, Some("session_2")).await;
    sign_out(&studio, &moved).await;
    with_worker(&studio, &relay, async |_| nothing_is_left(&studio).await).await;
    assert!(asked(&server).await.is_empty());
}
