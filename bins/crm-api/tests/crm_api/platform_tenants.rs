//! Operators turn tenants over HTTP, and what the people of a tenant are told (TEN-04, TEN-11, RBA-04).

use crate::{
    caller::{Answer, Caller},
    office::address,
    onboarding_stage::{OnboardingTest, PASSWORD},
};
use chrono::Duration;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tryzore_kernel::{TenantId, UserId};
use tryzore_testkit::{Service, TestTenant, http::Api, operator};

const ALL: &[&str] = &["platform.view_tenants", "platform.set_tenant_status"];

/// Someone without any right in the tenant that she is signed in to, appointed with `permissions`.
async fn appoint(api: &Api, studio: &TestTenant, permissions: &[&str]) -> (UserId, Caller) {
    let user = operator::appoint(studio, permissions).await;
    let home = TestTenant::open().await;
    (user, Caller::new(api, home.as_staff(user, home.main, &[])))
}

/// Turns `tenant`, read as `version`.
async fn set_status(operator: &Caller, tenant: TenantId, what: &str, version: i32, reason: &str) -> Answer {
    let (method, path) = match what {
        "delete" => (Method::DELETE, format!("/platform/tenants/{tenant}")),
        verb => (Method::POST, format!("/platform/tenants/{tenant}/{verb}")),
    };
    let read = format!("\"v{version}\"");
    operator.send(method, &path, &[("If-Match", &read)], Some(&json!({ "reason": reason }))).await
}

/// The value of a fact of a refusal.
fn fact<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    let facts = body["denial"]["because"].as_array()?;
    facts.iter().find(|fact| fact["fact"] == name).map(|fact| &fact["value"])
}

#[tokio::test]
async fn ten_04_an_operator_suspends_a_tenant_its_owner_is_told_why_and_it_is_open_again() {
    let (lobby, email, new) = (OnboardingTest::open().await, address(), address());
    let tenant = lobby.tenant(&email, &["Main", "Downtown"]).await;
    let (user, operator) = appoint(&lobby.api, &lobby.studio, ALL).await;
    let access = lobby.access(&email).await;
    let roles = lobby.get("/roles", Some(&access)).await;
    let trainer = roles.rows().iter().find(|role| role["preset"] == "trainer").unwrap();
    let tree = lobby.get("/organizations", Some(&access)).await;
    let invitation = json!({
        "name": "Grace", "email": new, "role_id": trainer["id"], "reviewed_permissions": trainer["permissions"],
        "primary_organization_id": tree.rows()[0]["id"],
    });
    let invited = lobby.post("/staff/invitations", Some(&access), &invitation).await;
    let invited = invited.body["invitation"]["id"].as_str().unwrap().parse().unwrap();
    let (token, proof) = lobby.invitation(tenant, invited).await;
    let chosen = json!({ "token": proof, "password": PASSWORD });
    assert_eq!(lobby.post("/auth/verify-email", None, &chosen).await.status, 200);
    let accept = json!({ "token": token });

    let read = operator.get(&format!("/platform/tenants/{tenant}")).await;
    assert_eq!((read.status, read.etag.as_deref()), (200, Some("\"v1\"")));
    assert_eq!((&read.body["status"], &read.body["status_change"]), (&json!("active"), &Value::Null));
    assert_eq!(read.body["location_names"], json!(["Downtown", "Main"]));
    assert_eq!((&read.body["owners"][0]["email"], &read.body["locations"]), (&json!(email), &json!(2)));
    let suspended = set_status(&operator, tenant, "suspend", 1, "unpaid since May").await;
    assert_eq!((suspended.status, &suspended.body["status"]), (200, &json!("suspended")));
    assert_eq!(suspended.etag.as_deref(), Some("\"v2\""));

    for answer in [lobby.get("/organizations", Some(&access)).await, lobby.login(&email, PASSWORD).await] {
        assert_eq!(answer.refusal(), (403, "tenants.suspended"));
        assert_eq!(fact(&answer.body, "tenant.suspended_because"), Some(&json!("unpaid since May")));
        assert!(answer.body["denial"]["remedy"]["text"].as_str().unwrap().contains("platform"));
    }
    let refused = lobby.post("/staff/invitations/accept", None, &accept).await;
    assert_eq!(refused.refusal(), (403, "tenants.suspended"));
    assert_eq!(
        fact(&refused.body, "tenant.suspended_because"),
        None,
        "who is not in yet is answer no reason"
    );

    let seen = operator.get(&format!("/platform/tenants/{tenant}")).await;
    assert_eq!(seen.body, suspended.body, "a change of status answers the tenant as it is read");
    let by = json!({ "user_id": user, "name": "Opal Operator", "because": "unpaid since May" });
    assert_eq!(seen.body["status_change"], by);
    lobby.studio.clock.pass(Duration::seconds(1));
    let open = set_status(&operator, tenant, "reactivate", 2, "paid").await;
    assert_eq!(
        (open.status, &open.body["status"], &open.body["version"]),
        (200, &json!("active"), &json!(3))
    );
    let back = lobby.get("/organizations", Some(&access)).await;
    assert_eq!((back.status, back.rows().len()), (200, 2), "the session and all else was kept");
    let trail = lobby.get("/audit?action=tenants.set_status", Some(&access)).await;
    let why: Vec<_> = trail.rows().iter().map(|line| &line["details"]["reason"]).collect();
    assert_eq!(why, ["paid", "unpaid since May"], "her trail says who closed the door, and why");
    assert_eq!(trail.rows()[0]["actor"]["user_id"], json!(user));
    assert_eq!(lobby.post("/staff/invitations/accept", None, &accept).await.status, 200);
    lobby.api.stop().await;
}

#[tokio::test]
async fn ten_11_a_deleted_tenant_is_as_if_it_were_not_and_does_not_come_back() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    let tenant = lobby.tenant(&email, &["Main"]).await;
    let (user, operator) = appoint(&lobby.api, &lobby.studio, ALL).await;
    let access = lobby.access(&email).await;
    let deleted = set_status(&operator, tenant, "delete", 1, "closed down").await;
    assert_eq!((deleted.status, deleted.etag.as_deref()), (200, Some("\"v2\"")));
    let answer = lobby.get("/organizations", Some(&access)).await;
    assert_eq!(answer.refusal(), (403, "auth.session.no_membership"));
    assert_eq!(lobby.login(&email, PASSWORD).await.refusal(), (403, "auth.login.no_membership"));
    let again = set_status(&operator, tenant, "delete", 1, "another reason").await;
    assert_eq!((again.status, &again.body), (200, &deleted.body), "nothing changes");
    assert_eq!(again.body["status_change"]["because"], json!("closed down"));

    for verb in ["reactivate", "suspend"] {
        let refused = set_status(&operator, tenant, verb, 2, "a mistake").await;
        assert_eq!(refused.refusal(), (409, "tenants.deleted"));
        assert!(refused.body["denial"]["remedy"]["text"].is_string());
        assert!(refused.body["denial"]["decision_id"].is_string(), "it is recorded");
    }
    let work = lobby.studio.database.client(Service::Work).await;
    let noted = "SELECT payload->>'command' FROM runtime.outbox
                 WHERE kind = 'journal.decided' AND tenant_id IS NULL AND actor->>'user' = $1 AND aggregate_id = $2";
    let noted = work.query(noted, &[&user.to_string(), &tenant.uuid()]).await.unwrap();
    assert_eq!(
        noted.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>(),
        ["tenants.set_status"; 2]
    );
    let kept = "SELECT count(*) FROM tenancy.organizations";
    let kept = lobby.sql(tenant).await.query_one(kept, &[]).await.unwrap();
    assert_eq!(kept.get::<_, i64>(0), 1, "its rows stay");
    lobby.api.stop().await;
}

#[tokio::test]
async fn ten_04_turning_takes_a_reason_and_the_version_that_was_read_and_happens_once() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, tryzore_crm_api::routes::routes);
    let (tenant, (_, operator)) = (studio.tenant, appoint(&api, &studio, ALL).await);
    let (path, body) = (format!("/platform/tenants/{tenant}/suspend"), json!({ "reason": "unpaid" }));
    let blind = operator.send(Method::POST, &path, &[], Some(&body)).await;
    assert_eq!(blind.refusal(), (428, "request.version_missing"));
    assert_eq!(set_status(&operator, tenant, "suspend", 2, "unpaid").await.refusal(), (412, "request.stale"));
    for (length, status) in [(0, 422), (501, 422), (500, 200)] {
        let answer = set_status(&operator, tenant, "suspend", 1, &"x".repeat(length)).await;
        assert_eq!(answer.status, status, "{length}");
        if status == 422 {
            assert_eq!(answer.wrong(), (422, vec!["/reason"]));
        }
    }
    let nowhere = TenantId::generate(studio.now());
    assert_eq!(set_status(&operator, nowhere, "suspend", 1, "unpaid").await.refusal(), (404, "not_found"));
    assert_eq!(operator.get(&format!("/platform/tenants/{nowhere}")).await.status, 404);

    // Sent again with its key it is answered as the first time, although it would be stale by now.
    let path = format!("/platform/tenants/{tenant}/reactivate");
    let keyed = [("If-Match", "\"v2\""), ("Idempotency-Key", "again")];
    let first = operator.send(Method::POST, &path, &keyed, Some(&json!({ "reason": "paid" }))).await;
    assert_eq!((first.status, &first.body["version"]), (200, &json!(3)));
    assert_eq!(set_status(&operator, tenant, "suspend", 3, "unpaid again").await.status, 200);
    let replayed = operator.send(Method::POST, &path, &keyed, Some(&json!({ "reason": "paid" }))).await;
    assert_eq!((replayed.status, replayed.body), (200, first.body));
    let other = operator.send(Method::POST, &path, &keyed, Some(&json!({ "reason": "another" }))).await;
    assert_eq!(other.wrong(), (422, vec!["Idempotency-Key"]));
    let stands = operator.get(&format!("/platform/tenants/{tenant}")).await;
    assert_eq!((&stands.body["status"], &stands.body["version"]), (&json!("suspended"), &json!(4)));
    let lines = "SELECT count(*) FROM governance.audit_log WHERE action = 'tenants.set_status'";
    assert_eq!(studio.count(lines).await, 3);
    // A key is its operator's own.
    let (_, colleague) = appoint(&api, &studio, ALL).await;
    let answer = colleague.send(Method::POST, &path, &keyed, Some(&json!({ "reason": "another" }))).await;
    assert_eq!(answer.refusal(), (412, "request.stale"));
    api.stop().await;
}

#[tokio::test]
async fn ten_04_operators_find_tenants_by_name_and_by_how_they_stand() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, tryzore_crm_api::routes::routes);
    let (_, operator) = appoint(&api, &studio, ALL).await;
    let name = format!("Iron {}", studio.tenant.uuid().simple());
    let owner = studio.database.owner_client().await;
    let called = "UPDATE tenancy.tenants SET name = $2 WHERE id = $1";
    owner.execute(called, &[&studio.tenant.uuid(), &name]).await.unwrap();
    let q = name.to_lowercase().replace(' ', "%20");
    let list = async |filter: &str| operator.get(&format!("/platform/tenants?q={q}{filter}")).await;
    let found = list("").await;
    let fields = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let row = &found.body["data"][0];
    assert_eq!(
        fields(row),
        [
            "contact_email",
            "created_at",
            "id",
            "locations",
            "name",
            "plan_tiers",
            "since",
            "status",
            "version"
        ]
    );
    assert_eq!((&row["id"], &row["contact_email"]), (&json!(studio.tenant), &json!("owner@example.com")));
    assert_eq!((&row["locations"], &row["plan_tiers"]), (&json!(1), &json!(["free"])));
    assert_eq!(set_status(&operator, studio.tenant, "suspend", 1, "unpaid").await.status, 200);
    for (status, rows) in [("active", 0), ("suspended", 1), ("deleted", 0)] {
        assert_eq!(list(&format!("&status={status}")).await.column("id").len(), rows, "{status}");
    }
    assert_eq!(operator.get("/platform/tenants?status=closed").await.wrong(), (422, vec!["status"]));
    assert_eq!(operator.get("/platform/tenants?q=").await.wrong(), (422, vec!["q"]));
    assert_eq!(operator.get("/platform/tenants?name=x").await.status, 422);
    let page = operator.get("/platform/tenants?limit=1").await;
    let cursor = page.body["next_cursor"].as_str();
    if let Some(cursor) = cursor {
        let next = operator.get(&format!("/platform/tenants?limit=1&cursor={cursor}")).await;
        assert_ne!(next.column("id"), page.column("id"));
    }
    api.stop().await;
}

#[tokio::test]
async fn rba_04_who_may_not_turn_tenants_is_told_so_whatever_there_is() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, tryzore_crm_api::routes::routes);
    let nowhere = TenantId::generate(studio.now());
    let owner = Caller::new(&api, studio.as_staff(UserId::generate(studio.now()), studio.main, &["*"]));
    let (_, viewer) = appoint(&api, &studio, &["platform.view_tenants"]).await;
    let (_, other) = appoint(&api, &studio, &["platform.set_tenant_status"]).await;
    for tenant in [studio.tenant, nowhere] {
        let path = format!("/platform/tenants/{tenant}");
        assert_eq!(owner.get(&path).await.refusal(), (403, "rbac.operator.required"));
        assert_eq!(other.get(&path).await.refusal(), (403, "rbac.permission.missing"));
        for what in ["suspend", "reactivate", "delete"] {
            let answer = set_status(&owner, tenant, what, 1, "mine").await;
            assert_eq!(answer.refusal(), (403, "rbac.operator.required"), "{what}");
            let answer = set_status(&viewer, tenant, what, 1, "mine").await;
            assert_eq!(answer.refusal(), (403, "rbac.permission.missing"), "{what}");
        }
    }
    assert_eq!(owner.get("/platform/tenants").await.refusal(), (403, "rbac.operator.required"));
    let nobody = Client::new().get(format!("{}/api/v1/platform/tenants", api.url())).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
    let stands = "SELECT count(*) FROM tenancy.tenants WHERE status = 'active' AND version = 1 AND id = '";
    assert_eq!(studio.count(&format!("{stands}{}'", studio.tenant.uuid())).await, 1);
    api.stop().await;
}

#[tokio::test]
async fn ten_04_nobody_closes_the_door_behind_herself() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, tryzore_crm_api::routes::routes);
    let (user, elsewhere) = appoint(&api, &studio, ALL).await;
    let inside = Caller::new(&api, studio.as_staff(user, studio.main, &[]));
    for what in ["suspend", "delete"] {
        let refused = set_status(&inside, studio.tenant, what, 1, "unpaid").await;
        assert_eq!(refused.refusal(), (409, "tenants.own"), "{what}");
        assert_eq!(fact(&refused.body, "session.tenant"), Some(&json!(studio.tenant)));
    }
    assert_eq!(set_status(&inside, studio.tenant, "reactivate", 1, "paid").await.status, 200, "it is open");
    assert_eq!(set_status(&elsewhere, studio.tenant, "suspend", 1, "unpaid").await.status, 200);
    api.stop().await;
}
