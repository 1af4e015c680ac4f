//! A test tenant with an API and users.

use chrono::Duration;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tryzore_auth::{Purpose, issue_link::issue_link};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{ClientId, OrganizationId, RoleId, TenantId, UserId};
use tryzore_provider_jwt::SystemSecrets;
use tryzore_testkit::{Service, TestTenant, http::Api};
use tryzore_web::routes;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A test tenant, its API, and an HTTP client.
pub(crate) struct Stage {
    pub(crate) studio: TestTenant,
    pub(crate) api: Api,
    http: Client,
}

pub(crate) fn operations(config: &mut ServiceConfig) {
    config
        .configure(routes::shared)
        .configure(tryzore_auth_http::routes)
        .configure(tryzore_auth_http::staff_routes);
}

/// An answer of the API.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) retry_after: Option<u64>,
}

impl Answer {
    pub(crate) fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    pub(crate) fn text(&self, pointer: &str) -> String {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("{pointer} in {:#}", self.body)).to_owned()
    }

    pub(crate) fn access(&self) -> String {
        self.text("/access_token")
    }

    pub(crate) fn refresh(&self) -> String {
        self.text("/refresh_token")
    }
}

impl Stage {
    pub(crate) async fn open() -> Self {
        Self::around(TestTenant::open().await).await
    }

    pub(crate) async fn around(studio: TestTenant) -> Self {
        let api = Api::start_with_sessions(&studio, operations).await;
        Self::before(studio, api)
    }

    pub(crate) fn before(studio: TestTenant, api: Api) -> Self {
        Self { studio, api, http: Client::new() }
    }

    /// A unique email address.
    pub(crate) fn email(&self, name: &str) -> String {
        format!("{name}.{}@example.com", self.studio.tenant.uuid().simple())
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/api/v1{path}", self.api.url()))
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.ask(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn post_as(&self, token: &str, path: &str, body: Value) -> Answer {
        answer(self.ask(Method::POST, path).bearer_auth(token).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn patch(&self, token: &str, path: &str, body: Value) -> Answer {
        answer(self.ask(Method::PATCH, path).bearer_auth(token).json(&body).send().await.unwrap()).await
    }

    /// Changes the version `version` of the resource at `path`.
    pub(crate) async fn put(&self, token: &str, path: &str, version: i32, body: Value) -> Answer {
        let put = self.ask(Method::PUT, path).bearer_auth(token).json(&body);
        answer(put.header("if-match", format!("\"v{version}\"")).send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        answer(self.ask(Method::GET, path).bearer_auth(token).send().await.unwrap()).await
    }

    pub(crate) async fn delete(&self, token: &str, path: &str) -> Answer {
        answer(self.ask(Method::DELETE, path).bearer_auth(token).send().await.unwrap()).await
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login", json!({ "email": email, "password": password })).await
    }

    /// Signs up and follows the link; returns the user.
    pub(crate) async fn person(&self, email: &str) -> UserId {
        let signed_up = self.post("/auth/register", json!({ "email": email, "name": "Ada Rossi" })).await;
        assert_eq!(signed_up.status, 202);
        let user = self.user(email).await;
        let token = self.link(user, Purpose::EmailVerification).await.unwrap();
        let chosen = self.post("/auth/verify-email", json!({ "token": token, "password": PASSWORD })).await;
        assert_eq!((chosen.status, chosen.body["email"].as_str()), (200, Some(email)));
        // A sign-in must begin later than the password was set.
        self.studio.clock.pass(Duration::seconds(1));
        user
    }

    /// Creates a user who signs in as client of the tenant, at its first location.
    pub(crate) async fn client(&self, email: &str) -> (UserId, ClientId) {
        let user = self.person(email).await;
        (user, join(&self.studio, user).await)
    }

    /// Creates a user who works at `at` with the permissions `patterns`.
    pub(crate) async fn employee(&self, email: &str, at: OrganizationId, patterns: &[&str]) -> UserId {
        let (user, role) = (self.person(email).await, RoleId::generate(self.studio.now()));
        let tenant = self.studio.tenant.uuid();
        let sql = &self.studio.sql;
        sql.execute(
            "INSERT INTO rbac.roles (tenant_id, id, name, scope, is_editable, created_at, updated_at)
             VALUES ($1, $2, $3, 'organization', true, now(), now())",
            &[&tenant, &role.uuid(), &role.to_string()],
        )
        .await
        .unwrap();
        for pattern in patterns {
            sql.execute(
                "INSERT INTO rbac.role_permissions (tenant_id, role_id, pattern) VALUES ($1, $2, $3)",
                &[&tenant, &role.uuid(), pattern],
            )
            .await
            .unwrap();
        }
        sql.execute(
            "INSERT INTO rbac.assignments (tenant_id, user_id, organization_id, role_id, is_primary, created_at)
             VALUES ($1, $2, $3, $4, true, now())",
            &[&tenant, &user.uuid(), &at.uuid(), &role.uuid()],
        )
        .await
        .unwrap();
        belong(&self.studio, user, at).await;
        user
    }

    pub(crate) async fn user(&self, email: &str) -> UserId {
        let row =
            self.studio.sql.query_one("SELECT id FROM identity.users WHERE email = $1", &[&email]).await;
        row.unwrap().get::<_, uuid::Uuid>(0).into()
    }

    /// The token of a mailed link, made by the worker.
    pub(crate) async fn link(&self, user: UserId, purpose: Purpose) -> Option<String> {
        let worker = self.studio.database.as_service(Service::Work, self.studio.clock.clone());
        let now = self.studio.now();
        let link =
            worker.auth_tx(async |tx| issue_link(&mut tx.auth(), user, purpose, &SystemSecrets, now).await);
        link.await.unwrap().map(|link| secrecy::ExposeSecret::expose_secret(&link.token).to_owned())
    }

    /// How many events of `kind` were published about `user`. Events of sign-in belong to no tenant: only the
    /// worker's login sees them.
    pub(crate) async fn events(&self, kind: &str, user: UserId) -> i64 {
        let work = self.studio.database.client(Service::Work).await;
        let query = "SELECT count(*) FROM runtime.outbox WHERE kind = $1 AND subject_id = $2";
        work.query_one(query, &[&kind, &user.uuid()]).await.unwrap().get(0)
    }
}

/// Makes `user` a client of `studio`.
pub(crate) async fn join(studio: &TestTenant, user: UserId) -> ClientId {
    let client = ClientId::generate(studio.now());
    studio
        .sql
        .execute(
            "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name,
                 email, status, joined_on, created_at, updated_at)
             VALUES ($1, $2, $3, $4, 'Ada', 'Rossi', $2::uuid || '@example.com', 'active', '2026-01-01', now(), now())",
            &[&studio.tenant.uuid(), &client.uuid(), &user.uuid(), &studio.main.uuid()],
        )
        .await
        .unwrap();
    belong(studio, user, studio.main).await;
    client
}

async fn belong(studio: &TestTenant, user: UserId, home: OrganizationId) {
    studio
        .sql
        .execute(
            "INSERT INTO tenancy.memberships (user_id, tenant_id, home_organization_id, since)
             VALUES ($1, $2, $3, now())",
            &[&user.uuid(), &studio.tenant.uuid(), &home.uuid()],
        )
        .await
        .unwrap();
}

pub(crate) async fn answer(response: Response) -> Answer {
    let retry_after =
        response.headers().get("retry-after").map(|value| value.to_str().unwrap().parse().unwrap());
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let mut body: Value = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
    // Different for each request.
    if let Some(body) = body.as_object_mut() {
        body.remove("trace_id");
    }
    Answer { status, body, retry_after }
}

pub(crate) fn tenant(answer: &Answer) -> TenantId {
    answer.text("/tenant/id").parse().unwrap()
}
