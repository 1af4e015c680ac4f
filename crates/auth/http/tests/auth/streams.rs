//! `GET /stream`: woken by events of any process, and ended with the session.
//!
//! Without notifications a stream reads every thirty seconds: an event that arrives well before that was
//! announced by a notification.

use crate::stage::{PASSWORD, Stage};
use reqwest::{Client, Response};
use serde_json::json;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tryzore_kernel::{Journal, Problem, Published, UserId, uuid_at};
use tryzore_postgres::{DatabaseConfig, Db, invalidation::announce_invalidations};
use tryzore_rbac::{Permit, SystemActor, catalogue::BookEvent};
use tryzore_tenancy::TenantStatus;
use tryzore_testkit::{Database, Dispatch, Service, TestTenant, operator::set_status};

// A third of the time between two polls, which is plenty on a busy machine.
const SOON: Duration = Duration::from_secs(10);

/// A client that follows a stream.
struct Follower {
    response: Response,
    heard: String,
    last: Option<i64>,
}

impl Follower {
    async fn open(stage: &Stage, token: &str, after: Option<i64>) -> Self {
        let mut request = Client::new().get(format!("{}/api/v1/stream", stage.api.url())).bearer_auth(token);
        if let Some(after) = after {
            request = request.header("Last-Event-ID", after);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, heard: String::new(), last: None }
    }

    /// The next event; none when the stream has ended.
    async fn event(&mut self) -> Option<serde_json::Value> {
        loop {
            if let Some(end) = self.heard.find("\n\n") {
                let event: String = self.heard.drain(..end + 2).collect();
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                self.last = field("id: ").map(|id| id.parse().unwrap()).or(self.last);
                if let Some(data) = field("data: ") {
                    return Some(serde_json::from_str(data).unwrap());
                }
                continue;
            }
            // A broken connection is an end too.
            let piece = self.response.chunk().await.ok().flatten()?;
            self.heard.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    /// The `n` of the next event; none when the stream has ended.
    async fn next(&mut self) -> Option<i64> {
        self.event().await?["payload"]["n"].as_i64()
    }

    async fn soon(&mut self) -> Option<i64> {
        timeout(SOON, self.next()).await.expect("well before it would have looked by itself")
    }
}

async fn tell(db: &Db, studio: &TestTenant, user: UserId, n: i64) {
    let permit = Permit::<BookEvent>::system(studio.tenant, SystemActor::Seed);
    let now = studio.now();
    db.tenant_tx(&permit, async |tx| {
        let event = Published::new("test.happened", uuid_at(now), None, now, &json!({ "n": n }));
        tx.event_publish(event.about(user));
        Ok::<_, Problem>(())
    })
    .await
    .unwrap();
}

/// Terminates the connections on which the API listens; returns how many there were.
async fn cut(studio: &TestTenant) -> usize {
    let listening = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE datname = current_database() AND usename = current_user AND query LIKE 'LISTEN%'
                       AND pid <> pg_backend_pid()";
    let sql = studio.database.client(Service::Api).await;
    sql.query(listening, &[]).await.unwrap().len()
}

async fn stage() -> Stage {
    Stage::around(TestTenant::open_in(Database::own().await).await).await
}

#[tokio::test]
async fn a_stream_sends_events_at_once_and_one_connection_listens_for_all_streams() {
    let stage = stage().await;
    let (studio, _dispatch) = (&stage.studio, Dispatch::start(&stage.studio));
    let _background = stage.api.background(studio);
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let token = stage.login(&email, PASSWORD).await.access();
    let mut followers = Vec::new();
    for _ in 0..3 {
        followers.push(Follower::open(&stage, &token, None).await);
    }
    for n in 1..=3 {
        tell(&studio.db, studio, user, n).await;
        for follower in &mut followers {
            assert_eq!(follower.soon().await, Some(n));
        }
    }
    // A client that reconnects continues after its last event; nothing is lost or sent twice.
    let mut back = Follower::open(&stage, &token, followers[0].last).await;
    tell(&studio.db, studio, UserId::generate(studio.now()), 4).await;
    tell(&studio.db, studio, user, 5).await;
    assert_eq!(back.soon().await, Some(5), "4 is about someone else");

    assert_eq!(cut(studio).await, 1, "three streams, sessions and news: one connection");
    for n in 6..=8 {
        tell(&studio.db, studio, user, n).await;
        assert_eq!(back.soon().await, Some(n), "although nobody was listening for a moment");
    }
    let reconnected = timeout(SOON, async {
        while cut(studio).await == 0 {
            sleep(Duration::from_millis(20)).await;
        }
    });
    reconnected.await.expect("it listens again");
    tell(&studio.db, studio, user, 9).await;
    assert_eq!(back.soon().await, Some(9));
    drop((followers, back));
    stage.api.stop().await;
}

#[tokio::test]
async fn ten_13_a_switch_of_location_is_sent_to_the_users_other_devices_and_to_nobody_else() {
    let stage = stage().await;
    let (studio, _dispatch) = (&stage.studio, Dispatch::start(&stage.studio));
    let _background = stage.api.background(studio);
    let downtown = studio.location("Downtown").await;
    let [email, other] = [stage.email("ada"), stage.email("bea")];
    let (user, _) = stage.client(&email).await;
    let (neighbour, _) = stage.client(&other).await;
    let [phone, tablet] = [stage.login(&email, PASSWORD).await, stage.login(&email, PASSWORD).await];
    let hers = stage.login(&other, PASSWORD).await.access();
    let mut on_tablet = Follower::open(&stage, &tablet.access(), None).await;
    let mut background = Follower::open(&stage, &hers, None).await;
    let switch = json!({ "organization_id": downtown });
    let switched = stage.post_as(&phone.access(), "/auth/switch-organization", switch).await;
    assert_eq!(switched.status, 200, "{:#}", switched.body);
    let told = timeout(SOON, on_tablet.event()).await.expect("at once").unwrap();
    assert_eq!((&told["kind"], &told["payload"]["user"]), (&json!("auth.location_switched"), &json!(user)));
    let way = (&told["payload"]["from"], &told["payload"]["to"]);
    assert_eq!(way, (&json!(studio.main), &json!(downtown)));
    tell(&studio.db, studio, neighbour, 1).await;
    assert_eq!(background.soon().await, Some(1), "the first that the neighbour hears");
    stage.api.stop().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_session_whichever_process_ends_it() {
    let stage = stage().await;
    let _background = stage.api.background(&stage.studio);
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let [phone, tablet, laptop] = [(); 3].map(|()| stage.login(&email, PASSWORD));
    let (phone, tablet, laptop) = (phone.await, tablet.await, laptop.await);
    let mut streams = [
        Follower::open(&stage, &phone.access(), None).await,
        Follower::open(&stage, &tablet.access(), None).await,
    ];
    let [on_phone, on_tablet] = &mut streams;

    let ended =
        stage.delete(&laptop.access(), &format!("/auth/sessions/{}", phone.text("/session_id"))).await;
    assert_eq!(ended.status, 204);
    assert_eq!(on_phone.soon().await, None, "ended in this process");

    // Another process ends all of them; this one is notified.
    let elsewhere = stage.studio.database.as_service(Service::Api, stage.studio.clock.clone());
    let config = DatabaseConfig::new(stage.studio.database.url(Service::Api));
    let announcing = announce_invalidations(&elsewhere, &config).unwrap();
    let now = stage.studio.now();
    let revoke =
        "UPDATE identity.sessions SET revoked_at = $2, revoked_because = 'signed_out' WHERE user_id = $1";
    stage.studio.sql.execute(revoke, &[&user.uuid(), &now]).await.unwrap();
    let permit = Permit::<BookEvent>::system(stage.studio.tenant, SystemActor::SignIn);
    elsewhere
        .tenant_tx(&permit, async |tx| {
            tryzore_rbac::manage::GrantsChanged::publish(user, tx, now);
            Ok::<_, Problem>(())
        })
        .await
        .unwrap();
    assert_eq!(on_tablet.soon().await, None, "ended in another process");
    assert_eq!(stage.get(&laptop.access(), "/auth/me").await.status, 401);
    announcing.abort();
    stage.api.stop().await;
}

#[tokio::test]
async fn ten_04_a_stream_ends_when_another_process_suspends_its_tenant() {
    let stage = stage().await;
    let _background = stage.api.background(&stage.studio);
    let email = stage.email("ada");
    stage.client(&email).await;
    let token = stage.login(&email, PASSWORD).await.access();
    let mut follower = Follower::open(&stage, &token, None).await;
    let elsewhere = stage.studio.database.as_service(Service::Api, stage.studio.clock.clone());
    let config = DatabaseConfig::new(stage.studio.database.url(Service::Api));
    let announcing = announce_invalidations(&elsewhere, &config).unwrap();
    set_status(&elsewhere, stage.studio.tenant, TenantStatus::Suspended, "unpaid").await;
    assert_eq!(follower.soon().await, None);
    assert_eq!(stage.get(&token, "/stream").await.code(), (403, "tenants.suspended"));
    announcing.abort();
    stage.api.stop().await;
}

#[tokio::test]
async fn a_stream_ends_when_its_service_stops() {
    let stage = stage().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let token = stage.login(&email, PASSWORD).await.access();
    let mut follower = Follower::open(&stage, &token, None).await;
    let stopped = timeout(SOON, stage.api.stop());
    let (stopped, ended) = tokio::join!(stopped, follower.soon());
    stopped.expect("in a third of the time that it has for what is under way");
    assert_eq!(ended, None);
}

#[tokio::test]
async fn a_follower_whose_last_event_is_unknown_gets_a_reset_and_then_new_events() {
    let stage = stage().await;
    let (studio, _dispatch) = (&stage.studio, Dispatch::start(&stage.studio));
    let _background = stage.api.background(studio);
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let token = stage.login(&email, PASSWORD).await.access();
    let mut follower = Follower::open(&stage, &token, Some(1_000_000)).await;
    let reset = timeout(SOON, follower.event()).await.expect("at once").unwrap();
    assert_eq!(reset, json!({ "kind": "reset" }));
    let end = follower.last.unwrap();
    assert!(end < 1_000_000, "where it goes on");
    tell(&studio.db, studio, user, 1).await;
    assert_eq!(follower.soon().await, Some(1));
    drop(follower);
    stage.api.stop().await;
}

#[tokio::test]
async fn a_user_has_at_most_sixteen_streams_at_a_time() {
    let stage = Stage::open().await;
    let [email, other] = [stage.email("ada"), stage.email("bea")];
    stage.client(&email).await;
    stage.client(&other).await;
    let [ada, bea] =
        [stage.login(&email, PASSWORD).await.access(), stage.login(&other, PASSWORD).await.access()];
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(Follower::open(&stage, &ada, None).await);
    }
    let url = format!("{}/api/v1/stream", stage.api.url());
    let refused = Client::new().get(url).bearer_auth(&ada).send().await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"15".parse().unwrap()));
    let refused: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(refused["code"], "stream.too_many");
    open.push(Follower::open(&stage, &bea, None).await);
    drop(open);
    stage.api.stop().await;
}
