//! Single sign-on of a tenant: linked, used, required, unlinked.

use crate::{
    stage::{Answer, PASSWORD, Stage, join},
    workos::stage_at,
    workos_front::Front,
};
use chrono::Duration;
use serde_json::{Value, json};
use tryzore_kernel::{Clock, RoleId, SystemClock, UserId};
use tryzore_testkit::TestTenant;

/// A stage with an employee who manages roles at both locations and has an address of a domain of their own.
struct Office {
    stage: Stage,
    front: Front,
    email: String,
    domain: String,
    /// The id of the tenant's organization at WorkOS.
    organization: String,
}

impl Office {
    async fn open() -> Self {
        let studio = TestTenant::open().await;
        studio.clock.pass(SystemClock.now() - studio.now());
        let domain = format!("{}.example", studio.tenant.uuid().simple());
        let email = format!("ada@{domain}");
        let front = Front::open(&email).await;
        let stage = stage_at(studio, &front.server.uri(), "sk_test").await;
        let user = UserId::generate(stage.studio.now());
        let insert =
            "INSERT INTO identity.users (id, email, name, status, email_verified_at, created_at, updated_at)
                      VALUES ($1, $2, 'Ada Rossi', 'active', now(), now(), now())";
        stage.studio.sql.execute(insert, &[&user.uuid(), &email]).await.unwrap();
        join(&stage.studio, user).await;
        manage_roles(&stage, user).await;
        let organization = format!("org_{}", stage.studio.tenant.uuid().simple());
        let this = Self { stage, front, email, domain, organization };
        this.front.accept(json!({ "grant_type": "password" }), json!({})).await;
        let by_sso = json!({ "authentication_method": "SSO", "organization_id": this.organization });
        this.front.accept(json!({ "code": "code_of_ours" }), by_sso).await;
        let by_other = json!({ "authentication_method": "SSO", "organization_id": "org_of_others" });
        this.front.accept(json!({ "code": "code_of_others" }), by_other).await;
        this
    }

    /// What WorkOS has: an organization with a domain in the state `domain` and an active connection.
    async fn provider_has(&self, domain: &str) {
        let at = "2026-11-30T12:00:00.000Z";
        let tenant = self.stage.studio.tenant.to_string();
        let organization = json!({ "object": "organization", "id": self.organization, "name": "Iron Works",
            "external_id": tenant, "metadata": {}, "created_at": at, "updated_at": at,
            "domains": [{ "object": "organization_domain", "id": "org_domain_1", "organization_id": self.organization,
                "domain": self.domain, "state": domain, "created_at": at, "updated_at": at }] });
        self.front.serve("GET", &format!("/organizations/external_id/{tenant}"), 200, organization).await;
        let connection = json!({ "object": "connection", "id": "conn_1", "organization_id": self.organization,
            "connection_type": "GenericSAML", "name": "Iron Works SAML", "state": "active", "status": "linked",
            "domains": [], "created_at": at, "updated_at": at });
        let list = json!({ "object": "list", "data": [connection], "list_metadata": { "before": null, "after": null } });
        self.front.serve("GET", "/connections", 200, list).await;
    }

    async fn by_password(&self) -> Answer {
        self.stage.login(&self.email, PASSWORD).await
    }

    async fn by_code(&self, code: &str) -> Answer {
        self.stage.post("/auth/workos/callback", json!({ "code": code, "code_verifier": "y" })).await
    }

    /// Requires single sign-on, or no longer, in the version that is read first.
    async fn set_policy(&self, token: &str, is_required: bool) -> Answer {
        let read = self.stage.get(token, "/sso").await;
        let version = i32::try_from(read.body["version"].as_i64().unwrap()).unwrap();
        self.stage.put(token, "/sso/policy", version, json!({ "is_required": is_required })).await
    }
}

async fn manage_roles(stage: &Stage, user: UserId) {
    let (role, tenant, sql) =
        (RoleId::generate(stage.studio.now()), stage.studio.tenant.uuid(), &stage.studio.sql);
    let insert = "INSERT INTO rbac.roles (tenant_id, id, name, scope, is_editable, created_at, updated_at)
                  VALUES ($1, $2, 'Manager', 'organization', true, now(), now())";
    sql.execute(insert, &[&tenant, &role.uuid()]).await.unwrap();
    let insert =
        "INSERT INTO rbac.role_permissions (tenant_id, role_id, pattern) VALUES ($1, $2, 'settings.*')";
    sql.execute(insert, &[&tenant, &role.uuid()]).await.unwrap();
    let insert = "INSERT INTO rbac.assignments
                      (tenant_id, user_id, organization_id, role_id, is_primary, created_at)
                  SELECT $1, $2, id, $3, id = $4, now() FROM tenancy.organizations WHERE tenant_id = $1";
    let at = stage.studio.main.uuid();
    sql.execute(insert, &[&tenant, &user.uuid(), &role.uuid(), &at]).await.unwrap();
}

fn fact(answer: &Answer, name: &str) -> Value {
    let facts = answer.body["denial"]["because"].as_array().unwrap();
    facts.iter().find(|fact| fact["fact"] == name).map_or(Value::Null, |fact| fact["value"].clone())
}

#[tokio::test]
async fn aut_09_single_sign_on_is_linked_required_and_unlinked() {
    let office = Office::open().await;
    let stage = &office.stage;
    let by_password = office.by_password().await;
    assert_eq!(by_password.status, 200, "{:#}", by_password.body);
    let token = by_password.access();
    let before = stage.get(&token, "/sso").await;
    assert_eq!(
        (before.status, &before.body["version"], &before.body["is_required"]),
        (200, &0.into(), &false.into())
    );

    office.provider_has("verified").await;
    let linked = stage.post_as(&token, "/sso", json!({})).await;
    assert_eq!(linked.status, 200, "{:#}", linked.body);
    assert_eq!(linked.body["domains"], json!([{ "name": office.domain, "state": "verified" }]));
    assert_eq!(linked.text("/connections/0/state"), "active");
    let unproven = office.set_policy(&token, true).await;
    assert_eq!(unproven.code(), (403, "auth.sso.not_proven"));

    // The page of the company is found by the tenant, and by the domain of the address.
    let redirect = "https://app.example.com/callback";
    let tenant = stage.studio.tenant.to_string();
    for wish in [json!({ "tenant_id": tenant }), json!({ "login_hint": office.email })] {
        let mut wish = wish;
        wish["redirect_uri"] = redirect.into();
        let way = stage.post("/auth/workos/authorize-url", wish).await;
        assert!(
            way.text("/url").contains(&format!("organization_id={}", office.organization)),
            "{:#}",
            way.body
        );
    }
    let other = stage
        .post("/auth/workos/authorize-url", json!({ "redirect_uri": redirect, "login_hint": "a@b.example" }));
    assert!(!other.await.text("/url").contains("organization_id"));

    let by_sso = office.by_code("code_of_ours").await;
    assert_eq!(by_sso.status, 200, "{:#}", by_sso.body);
    let required = office.set_policy(&by_sso.access(), true).await;
    assert_eq!((required.status, &required.body["is_required"]), (200, &true.into()), "{:#}", required.body);
    let refused = office.by_password().await;
    assert_eq!(refused.code(), (403, "auth.login.sso_required"));
    assert_eq!(
        (fact(&refused, "domain"), fact(&refused, "connection")),
        (office.domain.clone().into(), "Iron Works SAML".into())
    );
    assert_eq!(refused.body["denial"]["remedy"]["action"], "start_workos_sign_in");
    assert_eq!(office.by_code("code_of_others").await.code(), (403, "auth.login.sso_required"));
    assert_eq!(office.by_code("code_of_ours").await.status, 200);
    assert_eq!(stage.get(&token, "/auth/me").await.status, 200, "sessions that have begun stay");

    assert_eq!(stage.delete(&by_sso.access(), "/sso").await.status, 204);
    assert_eq!(office.by_password().await.status, 200);
    let gone =
        stage.post("/auth/workos/authorize-url", json!({ "redirect_uri": redirect, "tenant_id": tenant }));
    assert_eq!(gone.await.status, 404);
    office.stage.api.stop().await;
}

#[tokio::test]
async fn aut_09_the_proof_of_single_sign_on_lasts_an_hour_and_an_unverified_domain_is_none() {
    let office = Office::open().await;
    office.provider_has("pending").await;
    let token = office.by_password().await.access();
    assert_eq!(office.stage.post_as(&token, "/sso", json!({})).await.status, 200);
    let by_sso = office.by_code("code_of_ours").await.access();
    assert_eq!(office.set_policy(&by_sso, true).await.code(), (409, "auth.sso.not_ready"));
    office.front.server.reset().await;
    office.provider_has("verified").await;
    assert_eq!(office.stage.post_as(&token, "/sso", json!({})).await.status, 200);
    office.stage.studio.clock.pass(Duration::minutes(59));
    let required = office.set_policy(&by_sso, true).await;
    assert_eq!(required.status, 200, "{:#}", required.body);
    assert_eq!(office.set_policy(&by_sso, false).await.status, 200);
    office.stage.api.stop().await;
}

#[tokio::test]
async fn aut_09_a_set_up_link_is_made_for_the_linked_organization_alone() {
    let office = Office::open().await;
    let token = office.by_password().await.access();
    let ask = json!({ "what": "domains", "return_url": "https://app.example.com/settings" });
    assert_eq!(office.stage.post_as(&token, "/sso/setup-link", ask.clone()).await.status, 404);
    // There is no organization yet: one is made, with the id of the tenant.
    let at = "2026-11-30T12:00:00.000Z";
    let made = json!({ "object": "organization", "id": office.organization, "name": "Iron Works", "metadata": {},
        "domains": [], "created_at": at, "updated_at": at });
    office.front.serve("POST", "/organizations", 201, made).await;
    let none = json!({ "object": "list", "data": [], "list_metadata": { "before": null, "after": null } });
    office.front.serve("GET", "/connections", 200, none).await;
    assert_eq!(office.stage.post_as(&token, "/sso", json!({})).await.status, 200);
    office
        .front
        .serve("POST", "/portal/generate_link", 201, json!({ "link": "https://setup.example/x" }))
        .await;
    let link = office.stage.post_as(&token, "/sso/setup-link", ask).await;
    assert_eq!((link.status, link.text("/url")), (201, "https://setup.example/x".into()));
    let requests = office.front.server.received_requests().await.unwrap();
    let sent = |path: &str| {
        let found = requests.iter().find(|request| request.url.path() == path).unwrap();
        serde_json::from_slice::<Value>(&found.body).unwrap()
    };
    assert_eq!(sent("/organizations")["external_id"], office.stage.studio.tenant.to_string());
    let asked = sent("/portal/generate_link");
    assert_eq!(
        (&asked["organization"], &asked["intent"]),
        (&office.organization.as_str().into(), &"domain_verification".into())
    );
    office.stage.api.stop().await;
}

#[tokio::test]
async fn without_workos_there_is_no_single_sign_on() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.employee(&email, stage.studio.main, &["settings.manage_roles"]).await;
    let token = stage.login(&email, PASSWORD).await.access();
    assert_eq!(stage.get(&token, "/sso").await.status, 404);
    assert_eq!(stage.post_as(&token, "/sso", json!({})).await.status, 404);
    assert_eq!(stage.delete(&token, "/sso").await.status, 404);
    stage.api.stop().await;
}
