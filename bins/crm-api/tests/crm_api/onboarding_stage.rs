//! Someone in front of the sign-up page, and the mail that reaches them.

use crate::office::Answer;
use chrono::{DateTime, Duration};
use reqwest::{Client, Method, Response};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio_postgres::Client as Sql;
use tryzore_auth::{
    Purpose, Secrets, User, UserStatus, Users,
    issue_link::{issue_invitation_link, issue_link},
};
use tryzore_auth_postgres::Auth;
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{InvitationId, Problem, StoreResult, TenantId, UserId};
use tryzore_postgres::TenantTx;
use tryzore_rbac::{Permit, SystemActor, catalogue::ManageStaff};
use tryzore_tenancy::staff;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_testkit::{Service, TestTenant, http::Api};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A service that nobody is signed in to.
pub(crate) struct OnboardingTest {
    pub(crate) studio: TestTenant,
    pub(crate) api: Api,
}

/// Random bits: those of new ids.
struct Bits;

impl Secrets for Bits {
    fn secret_generate(&self) -> StoreResult<[u8; 32]> {
        let half = || *UserId::generate(DateTime::UNIX_EPOCH).uuid().as_bytes();
        let mut bits = [0; 32];
        bits[..16].copy_from_slice(&half());
        bits[16..].copy_from_slice(&half());
        Ok(bits)
    }
}

pub(crate) fn locations(names: &[&str]) -> Value {
    let location = |name: &&str| json!({ "name": name, "address": "Via Roma 1", "time_zone": "Europe/Rome", "currency": "EUR" });
    json!({ "locations": names.iter().map(location).collect::<Vec<_>>() })
}

impl OnboardingTest {
    pub(crate) async fn open() -> Self {
        let studio = TestTenant::open().await;
        let api = Api::start_with_sessions(&studio, routes).await;
        Self { studio, api }
    }

    /// The answer as it came. A new connection each time: nothing is remembered between two requests.
    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        body: Option<&Value>,
    ) -> Response {
        let mut request = Client::new().request(method, format!("{}/api/v1{path}", self.api.url()));
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.unwrap()
    }

    async fn answer(&self, method: Method, path: &str, bearer: Option<&str>, body: Option<&Value>) -> Answer {
        let response = self.raw(method, path, bearer, body).await;
        let (status, text) = (response.status().as_u16(), response.text().await.unwrap());
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        Answer { status, etag: None, body }
    }

    pub(crate) async fn get(&self, path: &str, bearer: Option<&str>) -> Answer {
        self.answer(Method::GET, path, bearer, None).await
    }

    pub(crate) async fn post(&self, path: &str, bearer: Option<&str>, body: &Value) -> Answer {
        self.answer(Method::POST, path, bearer, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.answer(Method::DELETE, path, None, None).await
    }

    pub(crate) async fn start(&self) -> String {
        let started = self.post("/onboarding/start", None, &json!({})).await;
        assert_eq!((started.status, started.body["next_step"].as_str()), (201, Some("details")));
        started.body["session_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn step(&self, token: &str, number: u8, body: &Value) -> Answer {
        self.post(&format!("/onboarding/session/{token}/step/{number}"), None, body).await
    }

    pub(crate) async fn details(&self, token: &str, email: &str) -> Answer {
        self.step(token, 1, &json!({ "name": "Ada Rossi", "email": email })).await
    }

    pub(crate) async fn account(&self, token: &str, email: &str) -> Answer {
        let proof = self.proof(email).await;
        let answer = self.step(token, 2, &json!({ "password": PASSWORD, "proof": proof })).await;
        // A sign-in must begin later than the password was chosen.
        self.studio.clock.pass(Duration::seconds(1));
        answer
    }

    pub(crate) async fn complete(&self, token: &str) -> Answer {
        self.post(&format!("/onboarding/session/{token}/complete"), None, &json!({})).await
    }

    /// The step to go on with.
    pub(crate) async fn next(&self, token: &str) -> Answer {
        self.get(&format!("/onboarding/session/{token}"), None).await
    }

    /// What the mail to `email` carries: the worker makes it.
    pub(crate) async fn proof(&self, email: &str) -> String {
        let worker = self.studio.database.as_service(Service::Work, self.studio.clock.clone());
        let (now, email) = (self.studio.now(), email.parse::<tryzore_kernel::Email>().unwrap());
        let link = worker.auth_tx(async |tx| {
            tx.auth().user_insert(&User::new(email.clone(), "Ada Rossi".into(), None, now)).await?;
            let user = tx.auth().user_find_by_email(&email).await?.unwrap();
            let is_active = user.status == UserStatus::Active;
            let purpose = if is_active { Purpose::PasswordReset } else { Purpose::EmailVerification };
            issue_link(&mut tx.auth(), user.id, purpose, &Bits, now).await
        });
        link.await.unwrap().unwrap().token.expose_secret().to_owned()
    }

    /// What the mail of an invitation carries: its token, and the proof for who has no password yet.
    pub(crate) async fn invitation(&self, tenant: TenantId, id: InvitationId) -> (String, Option<String>) {
        let worker = self.studio.database.as_service(Service::Work, self.studio.clock.clone());
        let permit: Permit<ManageStaff> = Permit::system(tenant, SystemActor::Reminder);
        let now = self.studio.now();
        let links = async |tx: &mut TenantTx| {
            let link =
                staff::issue_link(&permit, &mut tx.tenancy(), id, Bits.secret_generate()?, now).await?;
            let proof = issue_invitation_link(&mut tx.auth(), &link.email, link.name, &Bits, now).await?;
            Ok::<_, Problem>((link.token, proof.map(|proof| proof.token)))
        };
        let (token, proof) = worker.tenant_tx(&permit, links).await.unwrap();
        let text = |secret: &secrecy::SecretString| secret.expose_secret().to_owned();
        (text(&token), proof.as_ref().map(text))
    }

    /// A tenant of `email`; its id.
    pub(crate) async fn tenant(&self, email: &str, names: &[&str]) -> TenantId {
        let token = self.start().await;
        assert_eq!(self.details(&token, email).await.status, 200);
        assert_eq!(self.account(&token, email).await.status, 200);
        assert_eq!(self.step(&token, 3, &locations(names)).await.status, 200);
        self.complete(&token).await.body["tenant_id"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login", None, &json!({ "email": email, "password": password })).await
    }

    /// The access token of who signs in.
    pub(crate) async fn access(&self, email: &str) -> String {
        let answer = self.login(email, PASSWORD).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn recovery(&self, query: &str, bearer: Option<&str>) -> Answer {
        self.get(&format!("/onboarding/recovery-options{query}"), bearer).await
    }

    /// A plain connection that sees only `tenant`.
    pub(crate) async fn sql(&self, tenant: TenantId) -> Sql {
        let sql = self.studio.database.client(Service::Api).await;
        sql.batch_execute(&format!("SET app.tenant_id = '{}'", tenant.uuid())).await.unwrap();
        sql
    }
}
