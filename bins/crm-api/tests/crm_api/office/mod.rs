//! A studio with roles, staff and an API, and people who call it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use reqwest::{Client, Method};
use serde_json::Value;
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{OrganizationId, Problem, RoleId, SessionId, UserId};
use tryzore_postgres::TenantTx;
use tryzore_rbac::{
    Actor, Assignment, Grants, Holdings, OrganizationNode, Permission, Permit, Scope, SystemActor,
    catalogue::ManageStaff,
    manage::{Role, seed_presets},
};
use tryzore_rbac_postgres::Rbac;
use tryzore_tenancy::staff::{Employee, Employees};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_testkit::{TestTenant, http::Api};

/// A tenant with two locations, the six presets and an owner.
pub struct TestStaff {
    pub studio: TestTenant,
    pub api: Api,
    pub downtown: OrganizationId,
    pub roles: Vec<Role>,
    pub owner: UserId,
}

/// Someone who calls.
pub struct Caller {
    pub user: UserId,
    pub base: String,
    pub token: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub body: Value,
}

impl Answer {
    /// The status and the stable code of a problem.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// The status and the first field that was wrong.
    pub fn wrong(&self) -> (u16, &str) {
        (self.status, self.body["errors"][0]["pointer"].as_str().unwrap_or_default())
    }

    pub fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }

    pub fn rows(&self) -> &[Value] {
        self.body["data"].as_array().unwrap()
    }
}

/// An address that no other test has.
pub fn address() -> String {
    format!("{}@example.com", UserId::generate(chrono::DateTime::UNIX_EPOCH).uuid().simple())
}

impl TestStaff {
    pub async fn open() -> Self {
        let studio = TestTenant::open().await;
        let (downtown, owner) = (studio.location("Downtown").await, UserId::generate(studio.now()));
        let permit: Permit<ManageStaff> = Permit::system(studio.tenant, SystemActor::Onboarding);
        let now = studio.now();
        let seed = async |tx: &mut TenantTx| Ok::<_, Problem>(seed_presets(&mut tx.rbac(), now).await?);
        let roles = studio.db.tenant_tx(&permit, seed).await.unwrap();
        let api = Api::start(&studio, routes);
        let office = Self { studio, api, downtown, roles, owner };
        office.hire(owner, "enterprise_owner").await;
        office.give_the_location_to_the_owner().await;
        office
    }

    async fn give_the_location_to_the_owner(&self) {
        let (tenant, account) = (self.studio.tenant.uuid(), UserId::generate(self.studio.now()).uuid());
        let made = "INSERT INTO tenancy.owner_accounts (id, user_id, email, name, created_at, updated_at)
                    VALUES ($1, $2, $3, 'Ada Rossi', now(), now())";
        let sql = &self.studio.sql;
        sql.execute(made, &[&account, &self.owner.uuid(), &address()]).await.unwrap();
        let owned = "INSERT INTO tenancy.owner_organizations (tenant_id, owner_account_id, organization_id, role, added_at)
                     SELECT $1, $2, at, 'owner', now() FROM unnest($3::uuid[]) AS at";
        let at = vec![self.studio.main.uuid()];
        sql.execute(owned, &[&tenant, &account, &at]).await.unwrap();
    }

    pub fn system<P: Permission>(&self) -> Permit<P> {
        Permit::system(self.studio.tenant, SystemActor::Onboarding)
    }

    pub fn role(&self, preset: &str) -> &Role {
        self.roles.iter().find(|role| role.preset.as_deref() == Some(preset)).unwrap()
    }

    /// `user` works at the first location as `preset`.
    pub async fn hire(&self, user: UserId, preset: &str) {
        let (now, role): (_, RoleId) = (self.studio.now(), self.role(preset).id);
        let employee = Employee::new(user, "Ada Rossi".into(), address().parse().unwrap(), None, now);
        let employee = employee.assign(self.studio.main, role, true, now);
        let save = async |tx: &mut tryzore_postgres::TenantTx| tx.tenancy().employee_save(&employee).await;
        self.studio.db.tenant_tx(&self.system::<ManageStaff>(), save).await.unwrap();
    }

    /// `user`, who holds `patterns` at each of `at`.
    pub fn caller(&self, user: UserId, at: &[OrganizationId], patterns: &[&str]) -> Caller {
        let now = self.studio.now();
        let assignment = |at: &OrganizationId| Assignment {
            role: RoleId::generate(now),
            name: "Test".into(),
            patterns: patterns.iter().map(|pattern| pattern.parse().unwrap()).collect(),
            scope: Scope::Organization(*at),
            expires_at: None,
        };
        let holdings = Holdings {
            tree: at.iter().map(|at| OrganizationNode { organization: *at, parent: None }).collect(),
            assignments: at.iter().map(assignment).collect(),
            ..Holdings::default()
        };
        let actor = Actor::User { user, session: SessionId::generate(now) };
        let grants = Grants::compile(actor, self.studio.tenant, at.first().copied(), &holdings);
        Caller {
            user,
            base: format!("{}/api/v1", self.api.url()),
            token: self.api.admit(self.studio.verified(grants)),
        }
    }

    /// The owner, who holds everything everywhere.
    pub fn as_owner(&self) -> Caller {
        self.caller(self.owner, &[self.studio.main, self.downtown], &["*"])
    }

    /// Someone new, who holds `patterns` at the first location.
    pub fn as_staff(&self, patterns: &[&str]) -> Caller {
        self.caller(UserId::generate(self.studio.now()), &[self.studio.main], patterns)
    }
}

impl Caller {
    async fn send(&self, method: Method, path: &str, etag: Option<&str>, body: Option<&Value>) -> Answer {
        let url = format!("{}{path}", self.base);
        let mut request = Client::new().request(method, url).bearer_auth(&self.token);
        if let Some(etag) = etag {
            request = request.header("If-Match", etag);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let (status, etag) = (response.status().as_u16(), response.headers().get("etag"));
        let etag = etag.map(|tag| tag.to_str().unwrap().to_owned());
        let text = response.text().await.unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        Answer { status, etag, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, None, Some(body)).await
    }

    pub async fn put(&self, path: &str, etag: Option<&str>, body: &Value) -> Answer {
        self.send(Method::PUT, path, etag, Some(body)).await
    }

    pub async fn delete(&self, path: &str, etag: Option<&str>) -> Answer {
        self.send(Method::DELETE, path, etag, None).await
    }
}
