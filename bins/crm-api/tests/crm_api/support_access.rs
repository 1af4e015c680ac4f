//! Support access over HTTP (AUT-17): an operator asks, the tenant approves, and both can see what was read.

use crate::caller::{Answer, Caller};
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{SessionId, UserId};
use tryzore_rbac::{Actor, Grants, Holdings, PlatformRole};
use tryzore_testkit::{
    TestTenant, contract_tests::operations_open_to_ended, http::Api, operator::appoint_as,
};

struct Stage {
    studio: TestTenant,
    api: Api,
    operator: Caller,
    operator_id: UserId,
    owner: Caller,
}

impl Stage {
    async fn open() -> Self {
        let (studio, platform) = (TestTenant::open().await, TestTenant::open().await);
        let api = Api::start_with_sessions(&studio, routes).await;
        let (operator_id, _) = appoint_as(&platform, PlatformRole::SupportAdmin).await;
        let session = SessionId::generate(platform.now());
        let actor = Actor::User { user: operator_id, session };
        let operator = Grants::compile(actor, platform.tenant, None, &Holdings::default());
        let owner = Caller::new(&api, studio.as_staff(UserId::generate(studio.now()), studio.main, &["*"]));
        Self { operator: Caller::new(&api, operator), operator_id, owner, api, studio }
    }

    async fn request(&self, body: &Value) -> Answer {
        self.operator.post(&format!("/platform/tenants/{}/support-grants", self.studio.tenant), body).await
    }

    async fn enter(&self, grant: &str) -> Answer {
        let path = format!("/platform/tenants/{}/support-grants/{grant}/sessions", self.studio.tenant);
        self.operator.post(&path, &json!({})).await
    }

    async fn approve(&self, grant: &str, version: &str, body: &Value) -> Answer {
        let path = format!("/support-grants/{grant}/approve");
        self.owner.send(Method::POST, &path, &[("If-Match", version)], Some(body)).await
    }

    fn acting(&self, entered: &Answer) -> Caller {
        let token = entered.body["access_token"].as_str().unwrap_or_else(|| panic!("{entered:?}"));
        Caller::with_token(&self.api, token)
    }
}

fn form() -> Value {
    json!({
        "reason": "A class is missing", "ticket": "SUP-1", "permissions": ["clients.view_all"], "minutes": 30
    })
}

#[tokio::test]
async fn aut_17_an_operator_sees_what_was_approved_until_it_is_revoked_and_everybody_sees_what_was_read() {
    let stage = Stage::open().await;
    let member = stage.studio.member(stage.studio.main).await;
    let client = format!("/clients/{}", member.client);
    assert_eq!(stage.operator.get(&client).await.status, 403, "nothing without an approval");
    let requested = stage.request(&form()).await;
    assert_eq!((requested.status, &requested.body["status"]), (201, &json!("requested")), "{requested:?}");
    let grant = requested.id();
    assert_eq!(stage.enter(&grant).await.refusal(), (409, "support_access.not_approved"));

    stage.studio.clock.pass(Duration::seconds(1));
    let waiting = stage.owner.get("/support-grants").await;
    assert_eq!(waiting.column("reason"), ["A class is missing"]);
    let approved = stage.approve(&grant, "\"v1\"", &json!({})).await;
    assert_eq!((approved.status, &approved.body["status"]), (200, &json!("approved")), "{approved:?}");
    let entered = stage.enter(&grant).await;
    assert_eq!((entered.status, entered.body["expires_in"].as_i64()), (201, Some(1800)), "{entered:?}");
    let acting = stage.acting(&entered);
    let me = acting.get("/auth/me").await;
    assert_eq!(me.body["acting"]["kind"], "support_access", "{me:?}");
    assert_eq!(me.body["acting"]["reason"], "SUP-1: A class is missing");
    assert_eq!(me.body["tenant"]["id"], json!(stage.studio.tenant));
    let opened = acting.get(&client).await;
    assert_eq!(opened.status, 200, "{opened:?}");
    assert_eq!(acting.get("/audit").await.refusal(), (403, "rbac.permission.missing"));
    let version = opened.etag.unwrap();
    let changed = acting.put(&client, &version, &json!({})).await;
    assert_eq!(changed.refusal(), (403, "auth.acting.read_only"));

    let log = stage.owner.get("/access-log").await;
    let read: Vec<_> = log.body["data"].as_array().unwrap().iter().collect();
    let seen = read.iter().find(|row| row["operation"] == "GET /api/v1/clients/{client_id}").unwrap();
    assert_eq!((&seen["user_id"], &seen["kind"]), (&json!(stage.operator_id), &json!("support_access")));
    let themselves = Caller::new(&stage.api, stage.studio.as_client(member, stage.studio.main));
    let own = themselves.get("/me/access-log").await;
    assert_eq!(own.column("operation"), ["GET /api/v1/clients/{client_id}"], "only what is theirs");

    stage.studio.clock.pass(Duration::seconds(1));
    let path = format!("/support-grants/{grant}/revoke");
    let revoked = stage.owner.post(&path, &json!({ "reason": "The ticket is closed" })).await;
    assert_eq!((revoked.status, &revoked.body["status"]), (200, &json!("revoked")), "{revoked:?}");
    assert_eq!(acting.get(&client).await.refusal(), (401, "auth.session.revoked"));
    assert_eq!(stage.enter(&grant).await.refusal(), (409, "support_access.not_approved"));
    let trail = stage.owner.get("/audit").await.column("action");
    let expected = ["support_access.revoke", "support_access.approve", "support_access.request"];
    assert_eq!(trail, expected.map(Value::from), "newest first");
}

#[tokio::test]
async fn aut_17_an_approval_ends_to_the_microsecond() {
    let stage = Stage::open().await;
    let grant = stage.request(&form()).await.id();
    stage.approve(&grant, "\"v1\"", &json!({ "minutes": 5 })).await;
    let acting = stage.acting(&stage.enter(&grant).await);
    stage.studio.clock.pass(Duration::minutes(5) - Duration::microseconds(1));
    assert_eq!(acting.get("/auth/me").await.status, 200);
    stage.studio.clock.pass(Duration::microseconds(1));
    assert_eq!(acting.get("/auth/me").await.refusal(), (401, "auth.session.expired"));
}

#[tokio::test]
async fn aut_17_every_operation_refuses_an_acting_session_that_has_ended() {
    let stage = Stage::open().await;
    let grant = stage.request(&form()).await.id();
    stage.approve(&grant, "\"v1\"", &json!({ "minutes": 5 })).await;
    let entered = stage.enter(&grant).await;
    let token = entered.body["access_token"].as_str().unwrap_or_else(|| panic!("{entered:?}"));
    let open = async |code| operations_open_to_ended(&stage.api, routes, token, code).await;
    assert_eq!(stage.acting(&entered).get("/auth/me").await.status, 200);
    stage.studio.clock.pass(Duration::minutes(5));
    assert_eq!(open("auth.session.expired").await, [""; 0]);
    // From here on the token itself has expired, too: it lives as long as the session, and the skew of clocks.
    stage.studio.clock.pass(Duration::seconds(30));
    assert_eq!(open("auth.token.expired").await, [""; 0]);
}

#[tokio::test]
async fn aut_17_another_operator_and_another_tenant_see_nothing_of_a_request() {
    let stage = Stage::open().await;
    let grant = stage.request(&form()).await.id();
    stage.approve(&grant, "\"v1\"", &json!({})).await;
    let other = Stage::open().await;
    let path = format!("/platform/tenants/{}/support-grants/{grant}/sessions", stage.studio.tenant);
    assert_eq!(other.operator.post(&path, &json!({})).await.status, 404);
    assert_eq!(other.operator.get("/platform/support-grants").await.body["data"], json!([]));
    assert_eq!(other.owner.get(&format!("/support-grants/{grant}")).await.status, 404);
    let withdraw = format!("/platform/tenants/{}/support-grants/{grant}/withdraw", stage.studio.tenant);
    assert_eq!(other.operator.post(&withdraw, &json!({})).await.status, 404);
    let withdrawn = stage.operator.post(&withdraw, &json!({})).await;
    assert_eq!((withdrawn.status, &withdrawn.body["status"]), (200, &json!("withdrawn")), "{withdrawn:?}");
    assert_eq!(stage.enter(&grant).await.refusal(), (409, "support_access.not_approved"));
}
