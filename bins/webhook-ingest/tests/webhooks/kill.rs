//! The receiver and its database are killed under load: acknowledged deliveries are stored once, and are
//! processed once.

use chrono::Utc;
use futures::future::join_all;
use reqwest::Client;
use secrecy::SecretString;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};
use tryzore_kernel::{Clock, SystemClock};
use tryzore_provider_workos::WebhookSecret;
use tryzore_testkit::{Cluster, Process, Service};

const SECRET: &str = "wh_of_the_killed";
const SENDERS: usize = 12;
const MEANWHILE: usize = 60;
const PATIENCE: Duration = Duration::from_secs(30);

/// Providers that send until they are told that it arrived.
struct Mail {
    http: Client,
    url: String,
    enough: AtomicBool,
    acknowledged: Mutex<Vec<String>>,
    unknown: AtomicUsize,
}

impl Mail {
    async fn sender(self: Arc<Self>, sender: usize) {
        for n in 0.. {
            if self.enough.load(SeqCst) {
                return;
            }
            let id = format!("event_{sender:02}_{n:06}");
            while !self.is_taken(&id).await {
                self.unknown.fetch_add(1, SeqCst);
                sleep(Duration::from_millis(15)).await;
            }
            self.acknowledged.lock().unwrap().push(id);
        }
    }

    async fn is_taken(&self, id: &str) -> bool {
        let body = format!(r#"{{"id": "{id}", "event": "session.created", "data": {{"id": "session_01"}}}}"#);
        let stamp = now().timestamp_millis().to_string();
        let secret = WebhookSecret::new(SecretString::from(SECRET));
        let signature = format!("t={stamp}, v1={}", secret.sign(&stamp, body.as_bytes()).unwrap());
        let request = self.http.post(format!("{}/api/v1/webhooks/workos", self.url));
        match request.header("WorkOS-Signature", signature).body(body).send().await {
            Ok(answer) => match answer.status().as_u16() {
                202 => true,
                503 => false,
                other => panic!("{other}"),
            },
            Err(_) => false,
        }
    }

    /// Waits until so many more are acknowledged.
    async fn takes(&self, more: usize) {
        let count = || self.acknowledged.lock().unwrap().len();
        let goal = count() + more;
        until("nothing is taken any more", || count() >= goal).await;
    }

    /// Waits until someone was not told that it arrived.
    async fn fails(&self) {
        let before = self.unknown.load(SeqCst);
        until("nobody has felt it", || self.unknown.load(SeqCst) > before).await;
    }
}

async fn until(otherwise: &str, holds: impl Fn() -> bool) {
    let waited = timeout(PATIENCE, async {
        while !holds() {
            sleep(Duration::from_millis(2)).await;
        }
    });
    waited.await.expect(otherwise);
}

fn now() -> chrono::DateTime<Utc> {
    SystemClock.now()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whk_01_an_acknowledged_delivery_is_stored_once_whatever_was_killed_meanwhile() {
    let mut cluster = Cluster::start().await;
    let program = env!("CARGO_BIN_EXE_tryzore-webhook-ingest");
    let secret = [("TRYZORE__WEBHOOKS__WORKOS_SECRET", SECRET)];
    let mut ingest = Process::start(program, &cluster.studio.database, Service::Inbound, &secret);
    ingest.ready().await;
    let mail = Arc::new(Mail {
        http: Client::builder().timeout(PATIENCE).build().unwrap(),
        url: ingest.url(),
        enough: AtomicBool::default(),
        acknowledged: Mutex::default(),
        unknown: AtomicUsize::default(),
    });
    let busy: Vec<_> = (0..SENDERS).map(|sender| tokio::spawn(mail.clone().sender(sender))).collect();
    for _ in 0..4 {
        mail.takes(MEANWHILE).await;
        ingest.kill().await;
        ingest.start_again();
    }
    assert!(mail.unknown.load(SeqCst) > 0, "killed under load");
    mail.takes(MEANWHILE).await;
    let process = ingest.id();
    for _ in 0..2 {
        mail.takes(MEANWHILE).await;
        cluster.server.crash();
        mail.fails().await;
        cluster.server.start_again().await;
    }
    mail.takes(MEANWHILE).await;
    assert!(process.is_some() && ingest.id() == process, "the program came back by itself");
    mail.enough.store(true, SeqCst);
    for outcome in timeout(PATIENCE, join_all(busy)).await.expect("everything is taken in the end") {
        outcome.unwrap();
    }

    let sql = cluster.studio.database.client(Service::Work).await;
    let texts = async |query: &str| -> Vec<String> {
        sql.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    let mut acknowledged = std::mem::take(&mut *mail.acknowledged.lock().unwrap());
    acknowledged.sort();
    let kept = "SELECT external_id FROM webhooks.deliveries ORDER BY external_id COLLATE \"C\"";
    assert_eq!(texts(kept).await, acknowledged, "each is kept, and none twice");
    let due = "SELECT d.external_id FROM runtime.jobs j
               JOIN webhooks.deliveries d ON 'whk_' || replace(d.id::text, '-', '') = j.payload->>'delivery'
               WHERE j.kind = 'webhooks.process' ORDER BY d.external_id COLLATE \"C\"";
    assert_eq!(texts(due).await, acknowledged, "each will be processed, and none twice");
}
