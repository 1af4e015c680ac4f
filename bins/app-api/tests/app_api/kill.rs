//! The program and its database are killed under load, and nothing that was acknowledged is lost or
//! done twice.
//!
//! Clients do what clients should: they keep the key of a request until they know what became of
//! it. Whatever breaks in between, a booking is made once, its spot is counted once and others hear
//! of it once.

use futures::future::join_all;
use reqwest::Client;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};
use tryzore_auth::Claims;
use tryzore_auth_http::SignIn;
use tryzore_kernel::{ClientId, EventId, SessionId, UserId, uuid_at};
use tryzore_testkit::{Cluster, Process, Service, TestTenant, http::auth_settings};

const MEMBERS: usize = 20;
const SPOTS: i32 = 8;
const CLASSES: usize = 150;
// Bookings between two deaths: enough to be in the middle of many.
const MEANWHILE: usize = 20;
const PATIENCE: Duration = Duration::from_secs(30);

/// Clients who book, and what they know.
struct Crowd {
    http: Client,
    url: String,
    classes: Vec<EventId>,
    enough: AtomicBool,
    booked: Mutex<Vec<String>>,
    full: AtomicUsize,
    // Answers that never came, and answers that the service cannot tell now.
    lost: AtomicUsize,
    unavailable: AtomicUsize,
    replayed: AtomicUsize,
}

enum Outcome {
    Booked(String),
    Full,
    /// Nobody knows: ask again with the same key.
    Unknown,
}

impl Crowd {
    async fn member(self: Arc<Self>, token: String) {
        for class in &self.classes {
            if self.enough.load(SeqCst) {
                return;
            }
            let key = format!("book {class}");
            loop {
                match self.ask(*class, &token, &key).await {
                    Outcome::Booked(id) => {
                        self.booked.lock().unwrap().push(id);
                        break;
                    }
                    Outcome::Full => {
                        self.full.fetch_add(1, SeqCst);
                        break;
                    }
                    Outcome::Unknown => sleep(Duration::from_millis(15)).await,
                }
            }
        }
    }

    async fn ask(&self, class: EventId, token: &str, key: &str) -> Outcome {
        let request = self.http.post(format!("{}/api/v1/events/{class}/book", self.url));
        let Ok(answer) = request.bearer_auth(token).header("Idempotency-Key", key).send().await else {
            self.lost.fetch_add(1, SeqCst);
            return Outcome::Unknown;
        };
        let (status, replayed) =
            (answer.status().as_u16(), answer.headers().contains_key("idempotent-replayed"));
        let Ok(body) = answer.json::<Value>().await else {
            self.lost.fetch_add(1, SeqCst);
            return Outcome::Unknown;
        };
        match (status, body["code"].as_str()) {
            (201, None) => {
                self.replayed.fetch_add(usize::from(replayed), SeqCst);
                Outcome::Booked(body["id"].as_str().unwrap().to_owned())
            }
            (409, Some("events.book.full")) => Outcome::Full,
            (503, Some(_)) => {
                self.unavailable.fetch_add(1, SeqCst);
                Outcome::Unknown
            }
            other => panic!("{other:?}: {body:#}"),
        }
    }

    fn booked(&self) -> usize {
        self.booked.lock().unwrap().len()
    }

    /// Waits until the service has told someone that it cannot tell.
    async fn feels_it(&self) {
        let before = self.unavailable.load(SeqCst);
        let waited = timeout(PATIENCE, async {
            while self.unavailable.load(SeqCst) == before {
                sleep(Duration::from_millis(2)).await;
            }
        });
        waited.await.expect("nobody has felt it");
    }

    /// Waits for so many bookings more.
    async fn books(&self, more: usize, when: &str) {
        let goal = self.booked() + more;
        let waited = timeout(PATIENCE, async {
            while self.booked() < goal {
                sleep(Duration::from_millis(2)).await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("nobody books any more {when}: {} did", self.booked()));
    }
}

/// `count` members with open sessions; their access tokens.
pub(crate) async fn members(studio: &TestTenant, count: usize) -> Vec<String> {
    let sign_in = SignIn::open(&studio.db, &auth_settings()).await.unwrap();
    let (tenant, main, now) = (studio.tenant, studio.main, studio.now());
    let mut tokens = Vec::new();
    for _ in 0..count {
        let (user, client, session) =
            (UserId::generate(now), ClientId::generate(now), SessionId::generate(now));
        let email = format!("{}@example.com", user.uuid().simple());
        let sql = format!(
            "INSERT INTO identity.users (id, email, email_verified_at, name, status, created_at, updated_at)
             VALUES ('{user}', '{email}', now(), 'Ada', 'active', now(), now());
             INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name,
                 email, status, joined_on, created_at, updated_at)
             VALUES ('{tenant}', '{client}', '{user}', '{main}', 'Ada', 'Rossi', '{email}', 'active', '2026-01-01',
                 now(), now());
             INSERT INTO tenancy.memberships (user_id, tenant_id, home_organization_id, since)
             VALUES ('{user}', '{tenant}', '{main}', now());
             INSERT INTO identity.sessions (id, user_id, tenant_id, organization_id, created_at, last_active, expires_at)
             VALUES ('{session}', '{user}', '{tenant}', '{main}', now(), now(), now() + '1 day')",
            user = user.uuid(),
            client = client.uuid(),
            session = session.uuid(),
            tenant = tenant.uuid(),
            main = main.uuid(),
        );
        studio.sql.batch_execute(&sql).await.unwrap();
        let claims = Claims {
            sub: user,
            user_id: user,
            sid: session,
            tenant_id: tenant,
            org_id: Some(main),
            owner_account_id: None,
            available_org_ids: vec![main],
            available_org_count: 1,
            permissions: Vec::new(),
            factor_at: None,
            act: None,
            iat: now.timestamp(),
            exp: now.timestamp() + 3600,
            jti: uuid_at(now),
        };
        let token = sign_in.signing.sign(&claims).unwrap();
        tokens.push(secrecy::ExposeSecret::expose_secret(&token).to_owned());
    }
    tokens
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_once_whatever_was_killed_meanwhile() {
    let mut cluster = Cluster::start().await;
    let tokens = members(&cluster.studio, MEMBERS).await;
    let mut classes = Vec::new();
    for _ in 0..CLASSES {
        classes.push(cluster.studio.class(cluster.studio.main, SPOTS, chrono::Duration::days(1)).await);
    }
    let program = env!("CARGO_BIN_EXE_tryzore-app-api");
    let mut api = Process::start(program, &cluster.studio.database, Service::Api, &[]);
    api.ready().await;
    let crowd = Arc::new(Crowd {
        http: Client::builder().timeout(PATIENCE).build().unwrap(),
        url: api.url(),
        classes,
        enough: AtomicBool::default(),
        booked: Mutex::default(),
        full: AtomicUsize::default(),
        lost: AtomicUsize::default(),
        unavailable: AtomicUsize::default(),
        replayed: AtomicUsize::default(),
    });
    let busy: Vec<_> = tokens.into_iter().map(|token| tokio::spawn(crowd.clone().member(token))).collect();

    for _ in 0..4 {
        crowd.books(MEANWHILE, "after the program was killed").await;
        api.kill().await;
        api.start_again();
    }
    let lost = crowd.lost.load(SeqCst);
    assert!(lost > 0, "killed under load");
    crowd.books(MEANWHILE, "after the program was killed").await;
    let process = api.id();
    for _ in 0..2 {
        crowd.books(MEANWHILE, "after the database was killed").await;
        cluster.server.crash();
        crowd.feels_it().await;
        cluster.server.start_again().await;
    }
    crowd.books(MEANWHILE, "after the database was killed").await;
    assert!(process.is_some() && api.id() == process, "the program came back by itself, not by a restart");
    // Both at once.
    cluster.server.crash();
    api.kill().await;
    cluster.server.start_again().await;
    api.start_again();
    crowd.books(MEANWHILE, "after both were killed").await;
    crowd.enough.store(true, SeqCst);
    for outcome in timeout(PATIENCE, join_all(busy)).await.expect("everyone gets an answer in the end") {
        outcome.unwrap();
    }
    api.ready().await;

    let sql = cluster.sql().await;
    let texts = async |query: &str| -> Vec<String> {
        sql.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    let count = async |query: &str| -> i64 { sql.query_one(query, &[]).await.unwrap().get(0) };
    let mut acknowledged = std::mem::take(&mut *crowd.booked.lock().unwrap());
    acknowledged.sort();
    let once: BTreeSet<_> = acknowledged.iter().collect();
    assert_eq!(once.len(), acknowledged.len(), "two requests were told of one booking");

    let kept =
        "SELECT 'bkg_' || replace(id::text, '-', '') FROM events.bookings WHERE status = 'booked' ORDER BY 1";
    assert_eq!(texts(kept).await, acknowledged, "each that was acknowledged is there, and no other");
    let told = "SELECT payload->>'booking' FROM runtime.outbox WHERE kind = 'events.booked' ORDER BY 1";
    assert_eq!(texts(told).await, acknowledged, "each is told once");
    let doubled = "SELECT count(*) FROM (SELECT 1 FROM events.bookings GROUP BY event_id, client_id HAVING count(*) > 1) d";
    assert_eq!(count(doubled).await, 0);
    let wrong = "SELECT count(*) FROM events.events e
                 WHERE spots_booked > spots_total
                    OR spots_booked <> (SELECT count(*) FROM events.bookings b WHERE b.event_id = e.id AND b.status = 'booked')";
    assert_eq!(count(wrong).await, 0, "oversold, or counted wrong");
    let keys = i64::try_from(acknowledged.len()).unwrap();
    assert_eq!(count("SELECT count(*) FROM runtime.idempotency_keys").await, keys);
    let allowed =
        "SELECT count(*) FROM runtime.decisions WHERE command = 'events.book' AND outcome = 'allowed'";
    assert_eq!(count(allowed).await, keys);
    assert!(crowd.full.load(SeqCst) > 0, "classes were full");
    let (lost, unavailable, replayed) =
        (crowd.lost.load(SeqCst), crowd.unavailable.load(SeqCst), crowd.replayed.load(SeqCst));
    eprintln!("{keys} bookings; {lost} answers lost, {unavailable} times unavailable, {replayed} replayed");
}
