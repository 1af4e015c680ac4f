//! A receiver over real HTTP, a provider that signs, and a worker for the stored deliveries.

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use reqwest::{Client, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{num::NonZeroU32, time::Duration};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;
use tryzore_auth::follow_provider::follow_provider;
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{SessionId, UserId, WebhookId};
use tryzore_platform::{Delivery, ProcessError, Verdict};
use tryzore_platform_postgres::Platform;
use tryzore_platform_postgres::{PROCESS, process};
use tryzore_postgres::{
    Db,
    runtime::{Backoff, Program, Runner, RunnerSettings, Task},
    scopes::NoTenant,
    store::Parts,
};
use tryzore_provider_workos::{WebhookSecret, webhook};
use tryzore_rbac::{Actor, PlatformGrants, PlatformSlug, platform::ReplayWebhooks};
use tryzore_testkit::{Database, Service, TestTenant};
use tryzore_web::{HttpSettings, Running, server, settings::LimitSettings};
use tryzore_webhook_ingest::{Senders, WebhookSettings, program::service};

const SECRET: &str = "wh_of_the_test";

static PROGRAM: Program<Db> = Program {
    tasks: &[Task { kind: PROCESS, run: |db, job| process(db, job, apply).boxed_local() }],
    subscriptions: Vec::new(),
    schedules: &[],
};

async fn apply(
    mut tx: Parts<'_, NoTenant>,
    delivery: &Delivery,
    now: DateTime<Utc>,
) -> Result<Verdict, ProcessError> {
    let read = webhook::read(&delivery.raw_payload);
    match read.map_err(|error| ProcessError::Unreadable(error.to_string()))?.news {
        Some(news) => {
            follow_provider(&mut tx.auth(), news, now).await?;
            Ok(Verdict::Applied)
        }
        None => Ok(Verdict::Ignored),
    }
}

pub(crate) struct PostOffice {
    pub(crate) studio: TestTenant,
    pub(crate) sql: tokio_postgres::Client,
    http: Client,
    running: Running,
    work: Db,
}

impl PostOffice {
    pub(crate) async fn open() -> Self {
        Self::open_for(Some(SECRET)).await
    }

    pub(crate) async fn open_for(secret: Option<&str>) -> Self {
        let studio = TestTenant::open_in(Database::own().await).await;
        let inbound = studio.database.as_service(Service::Inbound, studio.clock.clone());
        let work = studio.database.as_service(Service::Work, studio.clock.clone());
        let sql = studio.database.client(Service::Work).await;
        let senders = Senders::new(&WebhookSettings { workos_secret: secret.map(Into::into) });
        let plenty = NonZeroU32::new(1_000_000).unwrap();
        let settings = HttpSettings {
            address: [127, 0, 0, 1].into(),
            port: 0,
            threads: Some(2),
            origins: Vec::new(),
            drain_seconds: 1,
            body: Default::default(),
            limits: LimitSettings {
                per_address: plenty,
                per_user: plenty,
                per_api_key: plenty,
                per_organization: plenty,
                trusted_proxies: 0,
            },
        };
        let running = server::start(service(inbound, senders), &settings).unwrap();
        Self { studio, sql, http: Client::new(), running, work }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.studio.now()
    }

    /// The signature header of WorkOS for `body` at `at`.
    pub(crate) fn sign(&self, body: &[u8], at: DateTime<Utc>) -> String {
        let stamp = at.timestamp_millis().to_string();
        let secret = WebhookSecret::new(SecretString::from(SECRET));
        format!("t={stamp}, v1={}", secret.sign(&stamp, body).unwrap())
    }

    /// Posts `body` for `provider` with these headers.
    pub(crate) async fn post(&self, provider: &str, signatures: &[&str], body: Vec<u8>) -> Response {
        let mut request =
            self.http.post(format!("{}/api/v1/webhooks/{provider}", self.running.url())).body(body);
        for signature in signatures {
            request = request.header("WorkOS-Signature", *signature);
        }
        request.send().await.unwrap()
    }

    /// Posts `body` as WorkOS does, signed with the current time.
    pub(crate) async fn send(&self, body: &[u8]) -> u16 {
        let signature = self.sign(body, self.now());
        self.post("workos", &[&signature], body.to_vec()).await.status().as_u16()
    }

    /// Posts an event as WorkOS does, and finds the stored delivery.
    pub(crate) async fn deliver(&self, id: &str, event: &str, data: Value) -> WebhookId {
        let body =
            json!({ "id": id, "event": event, "data": data, "created_at": "2026-03-02T11:00:00.000Z" });
        assert_eq!(self.send(body.to_string().as_bytes()).await, 202);
        let find = "SELECT id FROM webhooks.deliveries WHERE external_id = $1";
        self.sql.query_one(find, &[&id]).await.unwrap().get::<_, uuid::Uuid>(0).into()
    }

    pub(crate) async fn count(&self, query: &str) -> i64 {
        self.sql.query_one(query, &[]).await.unwrap().get(0)
    }

    /// `result|error_message|attempts|is dead` of a delivery.
    pub(crate) async fn standing(&self, id: WebhookId) -> String {
        let query = "SELECT format('%s|%s|%s|%s', result, error_message, attempts, dead_at IS NOT NULL)
                     FROM webhooks.deliveries WHERE id = $1";
        self.sql.query_one(query, &[&id.uuid()]).await.unwrap().get(0)
    }

    /// Runs a worker until only dead jobs are left.
    pub(crate) async fn drain(&self) {
        let at_once = Backoff { base: TimeDelta::zero(), cap: TimeDelta::zero() };
        let left = "SELECT count(*) FROM runtime.jobs WHERE dead_at IS NULL";
        self.work_until(at_once, async || self.count(left).await == 0).await;
    }

    /// Runs a worker until `until`.
    pub(crate) async fn work_until(&self, backoff: Backoff, mut until: impl AsyncFnMut() -> bool) {
        let settings = RunnerSettings {
            poll: Duration::from_millis(10),
            drain: Duration::from_millis(200),
            backoff,
            ..RunnerSettings::default()
        };
        let (local, stop) = (LocalSet::new(), CancellationToken::new());
        let runner = Runner::new(self.work.clone(), self.work.clone(), &PROGRAM, settings);
        let running = local.spawn_local(runner.run(stop.clone()));
        let waited = local.run_until(tokio::time::timeout(Duration::from_secs(20), async {
            while !until().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }));
        waited.await.expect("it never became true");
        stop.cancel();
        local.run_until(running).await.unwrap();
    }

    /// Replays a delivery, as an operator does at an API.
    pub(crate) async fn replay(&self, id: WebhookId) -> Result<(), u16> {
        let actor =
            Actor::User { user: UserId::generate(self.now()), session: SessionId::generate(self.now()) };
        let operator =
            PlatformGrants::compile(actor, self.studio.tenant, [PlatformSlug::ReplayWebhooks]).unwrap();
        let operator = operator.permit::<ReplayWebhooks>().unwrap();
        let replayed = self
            .studio
            .db
            .operator_tx(&operator, async |tx| tryzore_platform::replay(&mut tx.platform(), id).await)
            .await;
        replayed.map_err(|problem| problem.status)
    }

    /// Creates a user with an active session, who is `subject` at WorkOS.
    pub(crate) async fn user(&self, subject: &str, email: &str) -> UserId {
        let user = UserId::generate(self.now());
        self.studio
            .sql
            .execute(
                "INSERT INTO identity.users (id, email, email_verified_at, name, status, workos_user_id, created_at, updated_at)
                 VALUES ($1, $2, now(), 'Ada', 'active', $3, now(), now())",
                &[&user.uuid(), &email, &subject],
            )
            .await
            .unwrap();
        user
    }

    pub(crate) async fn session(&self, user: UserId, provider_session: &str) -> SessionId {
        let (id, now) = (SessionId::generate(self.now()), self.now());
        self.studio
            .sql
            .execute(
                "INSERT INTO identity.sessions (id, user_id, tenant_id, provider_session, created_at, last_active, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $5, $6)",
                &[&id.uuid(), &user.uuid(), &self.studio.tenant.uuid(), &provider_session, &now, &(now + TimeDelta::days(1))],
            )
            .await
            .unwrap();
        id
    }

    /// Why a session has ended; none while it is active.
    pub(crate) async fn ended(&self, session: SessionId) -> Option<String> {
        let query = "SELECT revoked_because FROM identity.sessions WHERE id = $1";
        self.sql.query_one(query, &[&session.uuid()]).await.unwrap().get(0)
    }

    pub(crate) async fn status(&self, user: UserId) -> String {
        let query = "SELECT status FROM identity.users WHERE id = $1";
        self.sql.query_one(query, &[&user.uuid()]).await.unwrap().get(0)
    }

    pub(crate) async fn close(self) {
        self.running.stop().await;
    }
}
