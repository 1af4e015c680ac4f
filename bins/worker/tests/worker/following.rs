//! What the identity provider did while no webhook came, and users that are linked when the provider changes.

#[path = "../../../../crates/providers/workos/tests/emulator/harness.rs"]
mod harness;

use crate::{
    relay::Relay,
    stage::{nothing_is_left, settings, with_settings},
};
use chrono::TimeDelta;
use harness::Emulator;
use serde_json::{Value, json};
use tryzore_auth::{Origin, Session, Sessions, User, UserStatus, Users};
use tryzore_auth_http::sign_in::provider;
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Clock, SessionId, SystemClock, UserId};
use tryzore_platform::{Arrival, receive};
use tryzore_platform_postgres::Platform;
use tryzore_provider_jwt::SystemSecrets;
use tryzore_provider_smtp::Smtp;
use tryzore_testkit::{Database, Service, TestTenant};
use tryzore_web::settings::{ProviderKind, WorkOsSettings};
use tryzore_worker::{
    Services, Settings, follow_events::follow_events, link_users, services::Pages, settings::ProviderSettings,
};

const PASSWORD: &str = "correct horse battery";

fn auth(url: &str, api_key: &str) -> ProviderSettings {
    let workos = WorkOsSettings {
        api_key: api_key.to_owned().into(),
        client_id: "client_test".into(),
        base_url: url.to_owned(),
        timeout_seconds: 10,
    };
    ProviderSettings { provider: ProviderKind::Workos, workos: Some(workos) }
}

/// The services of a worker whose provider is `auth`.
fn services(studio: &TestTenant, settings: &Settings) -> Services {
    let db = studio.database.as_service(Service::Work, studio.clock.clone());
    let identity = provider(settings.auth.provider, settings.auth.workos.as_ref(), None, db.clock()).unwrap();
    Services {
        mailer: Smtp::new(&settings.mail).unwrap(),
        identity: std::sync::Arc::new(identity),
        secrets: SystemSecrets,
        pages: Pages::new(&settings.links),
        db,
    }
}

async fn user(studio: &TestTenant, email: &str, subject: Option<&str>, is_verified: bool) -> UserId {
    let now = studio.now();
    let status = if is_verified { UserStatus::Active } else { UserStatus::PendingClaim };
    let user = User {
        status,
        email_verified_at: is_verified.then_some(now),
        workos_user_id: subject.map(str::to_owned),
        ..User::new(email.parse().unwrap(), "Ada".into(), None, now)
    };
    assert!(studio.db.auth_tx(async |tx| tx.auth().user_insert(&user).await).await.unwrap());
    user.id
}

async fn session(studio: &TestTenant, user: UserId, provider_session: &str) -> SessionId {
    let now = studio.now();
    let session = Session {
        id: SessionId::generate(now),
        user,
        tenant: studio.tenant,
        organization: Some(studio.main),
        origin: Origin::default(),
        provider_session: Some(provider_session.to_owned()),
        created_at: now,
        last_active: now,
        expires_at: now + TimeDelta::days(30),
        revoked: None,
        factor: None,
        acting: None,
    };
    studio.db.auth_tx(async |tx| tx.auth().session_insert(&session).await).await.unwrap();
    session.id
}

/// A number that the worker's login reads.
async fn count(studio: &TestTenant, query: &str) -> i64 {
    studio.database.client(Service::Work).await.query_one(query, &[]).await.unwrap().get(0)
}

/// A tenant of its own at the time of the machine, which the emulator uses.
async fn studio() -> (TestTenant, Relay) {
    let studio = TestTenant::open_in(Database::own().await).await;
    studio.clock.pass(SystemClock.now() - studio.now());
    (studio, Relay::open().await)
}

async fn is_revoked(studio: &TestTenant, session: SessionId) -> bool {
    let found = studio.db.auth_tx(async |tx| tx.auth().session_find(session).await).await.unwrap();
    found.unwrap().revoked.is_some()
}

#[tokio::test]
async fn aut_09_what_happened_while_no_webhook_came_is_followed_once() {
    let (studio, relay) = studio().await;
    let known = json!({ "email": "ada@example.com", "password": PASSWORD, "email_verified": true });
    let emulator = Emulator::start(json!({ "users": [known] })).await;
    let sign_in = json!({ "grant_type": "password", "client_id": "client_test", "email": "ada@example.com",
        "password": PASSWORD });
    let (first, second) = (
        emulator.post("/user_management/authenticate", sign_in.clone()).await,
        emulator.post("/user_management/authenticate", sign_in).await,
    );
    let sid = |answer: &Value| {
        let claims = answer["access_token"].as_str().unwrap().split('.').nth(1).unwrap().to_owned();
        serde_json::from_slice::<Value>(&base64_url(&claims)).unwrap()["sid"].as_str().unwrap().to_owned()
    };
    let (first, second, subject) =
        (sid(&first), sid(&second), first["user"]["id"].as_str().unwrap().to_owned());
    let ada = user(&studio, "ada@example.com", Some(&subject), true).await;
    let (ended, kept) = (session(&studio, ada, &first).await, session(&studio, ada, &second).await);
    let revoke = emulator.post("/user_management/sessions/revoke", json!({ "session_id": first }));
    revoke.await;

    let worker = Settings { auth: auth(&emulator.url, &emulator.api_key), ..settings(&studio, &relay) };
    let services = services(&studio, &worker);
    let followed = follow_events(&services).await.unwrap();
    assert!(followed.missed > 0, "{followed:?}");
    assert_eq!(follow_events(&services).await.unwrap().missed, 0, "nothing new");
    with_settings(&studio, worker, async |_| nothing_is_left(&studio).await).await;
    assert!(is_revoked(&studio, ended).await);
    assert!(!is_revoked(&studio, kept).await);
}

fn base64_url(text: &str) -> Vec<u8> {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for digit in text.chars().map(|digit| u32::try_from(digits.find(digit).unwrap()).unwrap()) {
        (bits, count) = ((bits << 6) | digit, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    bytes
}

#[tokio::test]
async fn aut_09_an_event_is_followed_once_whether_its_webhook_came_before_or_comes_later() {
    let (studio, relay) = studio().await;
    let (server, at) = (wiremock::MockServer::start().await, "2026-11-30T12:00:00.000Z");
    let event = |id: &str, kind: &str, data: Value| json!({ "object": "event", "id": id, "event": kind, "data": data, "created_at": at });
    let events = [
        event("event_1", "session.revoked", json!({ "id": "session_1" })),
        event("event_2", "session.revoked", json!({ "id": "session_2" })),
        event("event_3", "user.created", json!({ "id": "user_9" })),
    ];
    let page = |data: &[Value]| json!({ "object": "list", "data": data, "list_metadata": { "after": null } });
    let give = |body: Value| wiremock::ResponseTemplate::new(200).set_body_json(body);
    let after = |id: &str| wiremock::matchers::query_param("after", id);
    let list = || wiremock::Mock::given(wiremock::matchers::path("/events"));
    list().and(after("event_3")).respond_with(give(page(&[]))).mount(&server).await;
    let first = wiremock::matchers::query_param_is_missing("after");
    list().and(first).respond_with(give(page(&events))).mount(&server).await;

    let webhook = |event: &Value| Arrival {
        provider: "workos".into(),
        external_id: event["id"].as_str().unwrap().into(),
        event_type: "session.revoked".into(),
        headers: Default::default(),
        raw_payload: event.to_string().into_bytes(),
    };
    let ingest = studio.database.as_service(Service::Inbound, studio.clock.clone());
    let now = studio.now();
    let deliver = async |event: &Value| {
        let arrival = webhook(event);
        ingest.inbox_tx(async |tx| receive(&mut tx.platform(), arrival, now).await).await.unwrap()
    };
    deliver(&events[0]).await;
    let worker = Settings { auth: auth(&server.uri(), "sk_test"), ..settings(&studio, &relay) };
    let services = services(&studio, &worker);
    assert_eq!(follow_events(&services).await.unwrap().missed, 1, "one came, one is not followed");
    deliver(&events[1]).await;
    assert_eq!(follow_events(&services).await.unwrap().missed, 0);
    assert_eq!(count(&studio, "SELECT count(*) FROM webhooks.deliveries").await, 2);
    with_settings(&studio, worker, async |_| nothing_is_left(&studio).await).await;
    assert_eq!(count(&studio, "SELECT count(*) FROM webhooks.deliveries WHERE attempts = 1").await, 2);
}

#[tokio::test]
async fn aut_09_while_the_provider_is_down_nothing_is_lost_and_reading_goes_on_later() {
    let (studio, relay) = studio().await;
    let server = wiremock::MockServer::start().await;
    let down = wiremock::ResponseTemplate::new(503);
    wiremock::Mock::given(wiremock::matchers::any()).respond_with(down).mount(&server).await;
    let worker = Settings { auth: auth(&server.uri(), "sk_test"), ..settings(&studio, &relay) };
    let services = services(&studio, &worker);
    let followed = follow_events(&services).await.unwrap();
    assert_eq!((followed.is_unreachable, followed.missed), (true, 0));
    assert_eq!(count(&studio, "SELECT count(*) FROM webhooks.cursors").await, 0);
    let passwords = Settings {
        auth: ProviderSettings { provider: ProviderKind::Password, workos: None },
        ..settings(&studio, &relay)
    };
    assert_eq!(follow_events(&self::services(&studio, &passwords)).await.unwrap().pages, 0);
}

#[tokio::test]
async fn aut_09_users_are_linked_by_verified_address_and_unlinked_again() {
    let (studio, relay) = studio().await;
    let there = |email: &str, is_verified: bool| json!({ "email": email, "email_verified": is_verified });
    // More than a page.
    let crowd: Vec<Value> = (0..105).map(|nth| there(&format!("p{nth}@example.com"), true)).collect();
    let few = [
        there("ada@example.com", true),
        there("eve@example.com", false),
        there("ivy@example.com", true),
        there("zoe@example.com", true),
    ];
    let everyone = [crowd, few.to_vec()].concat();
    let emulator = Emulator::start(json!({ "users": everyone })).await;
    let ada = user(&studio, "ada@example.com", None, true).await;
    let last = user(&studio, "p104@example.com", None, true).await;
    for (email, subject, is_verified) in [
        ("eve@example.com", None, true),
        ("ivy@example.com", None, false),
        ("zoe@example.com", Some("user_of_another_time"), true),
    ] {
        user(&studio, email, subject, is_verified).await;
    }
    let worker = Settings { auth: auth(&emulator.url, &emulator.api_key), ..settings(&studio, &relay) };
    let services = services(&studio, &worker);
    let tryzore_auth::Either::Right(workos) = &*services.identity else { panic!() };
    let linked = async |user: UserId| {
        studio.db.auth_tx(async |tx| tx.auth().user_find(user).await).await.unwrap().unwrap().workos_user_id
    };
    let run = async |is_dry_run| link_users::to_workos(&services.db, workos, is_dry_run).await.unwrap();
    let has =
        |lines: &[String], line: &str| assert!(lines.iter().any(|one| one == line), "{line}: {lines:#?}");

    let dry = run(true).await;
    has(&dry, "2  linked now");
    assert_eq!((linked(ada).await, linked(last).await), (None, None), "a dry run changes nothing");
    let done = run(false).await;
    for line in [
        "2  linked now",
        "104  nobody here has the address",
        "1  the address is not verified at WorkOS",
        "1  the address is not verified here",
        "1  the address belongs to another user of WorkOS",
    ] {
        has(&done, line);
    }
    assert!(linked(ada).await.is_some() && linked(last).await.is_some());
    let again = run(false).await;
    has(&again, "0  linked now");
    has(&again, "2  linked already");

    let back = link_users::to_password(&services.db, true).await.unwrap();
    has(&back, "0  links ended now");
    assert!(linked(ada).await.is_some());
    let back = link_users::to_password(&services.db, false).await.unwrap();
    has(&back, "3  links ended now");
    has(&back, "3  active, linked, without a password here: they choose one by \"forgot password\"");
    assert_eq!(linked(ada).await, None);
}
