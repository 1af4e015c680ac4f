//! API keys of other services (AUT-06), and the sign-in page of a provider (AUT-09).

use crate::stage::{PASSWORD, Stage, operations};
use chrono::Duration;
use serde_json::{Value, json};
use tryzore_kernel::Problem;
use tryzore_rbac::{Permit, SystemActor, catalogue::ManageRoles, manage::GrantsChanged};
use tryzore_tenancy::TenantStatus;
use tryzore_testkit::{
    http::{Api, auth_settings},
    operator::set_status,
};
use tryzore_web::settings::{AuthSettings, ProviderKind, WorkOsSettings};

const OWNER: &[&str] = &["settings.manage_roles", "clients.*"];

async fn owner(stage: &Stage) -> String {
    let email = stage.email("owner");
    stage.employee(&email, stage.studio.main, OWNER).await;
    stage.login(&email, PASSWORD).await.access()
}

/// The path of an operation that any key may call.
fn probe(stage: &Stage) -> String {
    format!("/decisions?object_id={}", stage.studio.main)
}

fn form(stage: &Stage, permissions: &[&str]) -> Value {
    json!({
        "name": "Door", "organization_id": stage.studio.main, "permissions": permissions,
        "expires_at": stage.studio.now() + Duration::days(30),
    })
}

#[tokio::test]
async fn aut_06_a_key_does_what_it_was_issued_for_and_nothing_else() {
    let stage = Stage::open().await;
    let token = owner(&stage).await;
    let issued = stage.post_as(&token, "/api-keys", form(&stage, &["clients.create"])).await;
    assert_eq!(issued.status, 201, "{:#}", issued.body);
    let key = issued.text("/text");
    assert!(key.starts_with(&format!("tzk_{}_", issued.text("/prefix"))));

    assert_eq!(stage.get(&key, &probe(&stage)).await.status, 200);
    let listed = stage.get(&token, "/api-keys").await;
    assert_eq!((listed.status, listed.text("/data/0/id")), (200, issued.text("/id")));
    assert!(!listed.body.to_string().contains(&key), "told once");
    // Operations of a person are refused to a key.
    for path in ["/auth/me", "/auth/sessions"] {
        assert!([403, 404].contains(&stage.get(&key, path).await.status), "{path}");
    }
    let administers = stage.post_as(&token, "/api-keys", form(&stage, &["settings.manage_roles"])).await;
    assert_eq!((administers.status, administers.text("/errors/0/pointer")), (422, "/permissions".into()));
    let wide = stage.post_as(&token, "/api-keys", form(&stage, &["settings.*", "clients.*"])).await;
    assert_eq!(wide.code(), (403, "auth.api_key.beyond_issuer"));
    let scoped = stage.post_as(&token, "/api-keys", form(&stage, &["clients.*"])).await.text("/text");
    for key in [&key, &scoped] {
        let again = stage.post_as(key, "/api-keys", form(&stage, &["clients.create"])).await;
        assert_eq!(again.code(), (403, "auth.person_required"), "no key makes keys");
        assert_eq!(
            stage.get(key, "/api-keys").await.code(),
            (403, "auth.person_required"),
            "nor looks at them"
        );
    }
    let used = "SELECT count(*) FROM identity.api_keys WHERE last_used_at IS NOT NULL AND tenant_id = '";
    let used = format!("{used}{}'", stage.studio.tenant.uuid());
    assert_eq!(stage.studio.count(&used).await, 2);
    stage.api.stop().await;
}

#[tokio::test]
async fn nobody_issues_permissions_that_they_do_not_have() {
    let stage = Stage::open().await;
    let downtown = stage.studio.location("Downtown").await;
    let token = owner(&stage).await;
    let ask = async |form| stage.post_as(&token, "/api-keys", form).await;
    let beyond = ask(form(&stage, &["clients.*", "financials.process_refund"])).await;
    assert_eq!(beyond.code(), (403, "auth.api_key.beyond_issuer"));
    let mut elsewhere = form(&stage, &["clients.*"]);
    elsewhere["organization_id"] = json!(downtown);
    let elsewhere = ask(elsewhere).await;
    assert_eq!(elsewhere.status, 404, "a location that he does not see");
    let unknown = ask(form(&stage, &["clients.*", "clients.fly"])).await;
    assert_eq!((unknown.status, unknown.text("/errors/0/pointer")), (422, "/permissions/1".into()));
    for days in [0, 401] {
        let mut form = form(&stage, &["clients.*"]);
        form["expires_at"] = json!(stage.studio.now() + Duration::days(days));
        assert_eq!(ask(form).await.text("/errors/0/pointer"), "/expires_at");
    }
    stage.api.stop().await;
}

#[tokio::test]
async fn a_key_ends_when_it_is_revoked_or_expired_or_its_tenant_is_closed() {
    let stage = Stage::open().await;
    let token = owner(&stage).await;
    let issue = async || stage.post_as(&token, "/api-keys", form(&stage, &["clients.create"])).await;
    let probe = probe(&stage);
    let [revoked, early, late, closed] = [issue().await, issue().await, issue().await, issue().await];
    assert_eq!(stage.get(&revoked.text("/text"), &probe).await.status, 200, "remembered from here on");
    let path = format!("/api-keys/{}", revoked.text("/id"));
    assert_eq!(stage.delete(&token, &path).await.status, 204);
    assert_eq!(stage.get(&revoked.text("/text"), &probe).await.code(), (401, "auth.api_key.revoked"));
    assert_eq!(stage.delete(&token, &path).await.status, 204, "twice is no error");
    let forged = format!("tzk_{}_{}", early.text("/prefix"), "A".repeat(43));
    assert_eq!(stage.get(&forged, &probe).await.code(), (401, "auth.api_key.rejected"));

    stage.studio.clock.pass(Duration::days(30) - Duration::microseconds(1));
    assert_eq!(stage.get(&early.text("/text"), &probe).await.status, 200);
    set_status(&stage.studio.db, stage.studio.tenant, TenantStatus::Suspended, "unpaid").await;
    let refused = stage.get(&closed.text("/text"), &probe).await;
    assert_eq!(refused.code(), (403, "tenants.suspended"), "TEN-04");
    let forged = format!("tzk_{}_{}", closed.text("/prefix"), "A".repeat(43));
    assert_eq!(stage.get(&forged, &probe).await.code(), (401, "auth.api_key.rejected"), "told nothing");
    set_status(&stage.studio.db, stage.studio.tenant, TenantStatus::Active, "paid").await;
    assert_eq!(stage.get(&closed.text("/text"), &probe).await.status, 200);
    stage.studio.clock.pass(Duration::microseconds(1));
    assert_eq!(stage.get(&late.text("/text"), &probe).await.code(), (401, "auth.api_key.expired"));
    set_status(&stage.studio.db, stage.studio.tenant, TenantStatus::Deleted, "closed down").await;
    assert_eq!(stage.get(&late.text("/text"), &probe).await.code(), (401, "auth.api_key.rejected"));
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_06_a_key_loses_the_permissions_that_its_issuer_loses() {
    let stage = Stage::open().await;
    let email = stage.email("owner");
    let issuer = stage.employee(&email, stage.studio.main, OWNER).await;
    let token = stage.login(&email, PASSWORD).await.access();
    let issued = stage.post_as(&token, "/api-keys", form(&stage, &["clients.create"])).await;
    let (key, probe) = (issued.text("/text"), probe(&stage));
    assert_eq!(stage.get(&key, &probe).await.status, 200, "remembered from here on");
    let tenant = stage.studio.tenant.uuid();
    let role = "DELETE FROM rbac.assignments WHERE tenant_id = $1 AND user_id = $2";
    stage.studio.sql.execute(role, &[&tenant, &issuer.uuid()]).await.unwrap();
    let permit: Permit<ManageRoles> = Permit::system(stage.studio.tenant, SystemActor::Seed);
    let now = stage.studio.now();
    let publish = async |tx: &mut tryzore_postgres::TenantTx| {
        GrantsChanged::publish(issuer, tx, now);
        Ok::<_, Problem>(())
    };
    stage.studio.db.tenant_tx(&permit, publish).await.unwrap();
    assert_eq!(stage.get(&key, &probe).await.code(), (401, "auth.api_key.issuer_gone"), "at once");
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_09_the_sign_in_page_exists_only_if_the_provider_has_one() {
    let stage = Stage::open().await;
    let page =
        json!({ "redirect_uri": "https://app.example.com/callback", "login_hint": stage.email("ada") });
    assert_eq!(stage.post("/auth/workos/authorize-url", page.clone()).await.status, 404);
    assert_eq!(
        stage.post("/auth/workos/callback", json!({ "code": "x", "code_verifier": "y" })).await.status,
        404
    );

    // Nothing listens there: the URL of the page needs no request to the provider, a code does.
    let workos = WorkOsSettings {
        api_key: "sk_test".to_owned().into(),
        client_id: "client_1".into(),
        base_url: "http://127.0.0.1:9".into(),
        timeout_seconds: 1,
    };
    let settings = AuthSettings { provider: ProviderKind::Workos, workos: Some(workos), ..auth_settings() };
    let api = Api::start_with_auth(&stage.studio, operations, &settings).await;
    let ask = async |path: &str, form: &Value| {
        let url = format!("{}/api/v1{path}", api.url());
        crate::stage::answer(reqwest::Client::new().post(url).json(form).send().await.unwrap()).await
    };
    let way = ask("/auth/workos/authorize-url", &page).await;
    assert_eq!(way.status, 200);
    let url = way.text("/url");
    for part in ["client_id=client_1", "code_challenge=", "code_challenge_method=S256", "provider=authkit"] {
        assert!(url.contains(part), "{url}");
    }
    assert!(url.contains(&format!("state={}", way.text("/state"))));
    assert!(!url.contains(&way.text("/code_verifier")));
    let finished = ask("/auth/workos/callback", &json!({ "code": "x", "code_verifier": "y" })).await;
    assert_eq!((finished.status, finished.retry_after), (503, Some(1)));
    api.stop().await;
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_19_a_rotated_key_works_with_both_texts_until_the_overlap_is_over() {
    let stage = Stage::open().await;
    let token = owner(&stage).await;
    let probe = probe(&stage);
    let issued = stage.post_as(&token, "/api-keys", form(&stage, &["clients.create"])).await;
    let former = issued.text("/text");
    assert_eq!(stage.get(&former, &probe).await.status, 200, "remembered from here on");
    let path = format!("/api-keys/{}/rotate", issued.text("/id"));
    let rotated = stage.post_as(&token, &path, json!({})).await;
    assert_eq!(rotated.status, 200, "{:#}", rotated.body);
    let current = rotated.text("/text");
    let end = stage.studio.now() + Duration::hours(24);
    assert_eq!(rotated.body["former_expires_at"], json!(end));
    assert_eq!(rotated.text("/former_prefix"), issued.text("/prefix"));
    stage.studio.clock.pass(Duration::hours(24) - Duration::microseconds(1));
    for text in [&former, &current] {
        assert_eq!(stage.get(text, &probe).await.status, 200);
    }
    let listed = stage.get(&stage.login(&stage.email("owner"), PASSWORD).await.access(), "/api-keys").await;
    assert_eq!(listed.body["data"][0]["former_expires_at"], json!(end));
    for used in ["last_used_at", "former_last_used_at"] {
        assert!(listed.body["data"][0][used].is_string(), "{used}: {:#}", listed.body);
    }
    stage.studio.clock.pass(Duration::microseconds(1));
    assert_eq!(stage.get(&former, &probe).await.code(), (401, "auth.api_key.expired"), "although remembered");
    assert_eq!(stage.get(&current, &probe).await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_19_a_text_without_an_overlap_stops_working_at_once() {
    let stage = Stage::open().await;
    let token = owner(&stage).await;
    let probe = probe(&stage);
    let issued = stage.post_as(&token, "/api-keys", form(&stage, &["clients.create"])).await;
    let path = format!("/api-keys/{}/rotate", issued.text("/id"));
    assert_eq!(stage.get(&issued.text("/text"), &probe).await.status, 200, "remembered from here on");
    let second = stage.post_as(&token, &path, json!({ "overlap_seconds": 0 })).await.text("/text");
    assert_eq!(stage.get(&issued.text("/text"), &probe).await.code(), (401, "auth.api_key.expired"));
    assert_eq!(stage.get(&second, &probe).await.status, 200);
    let third = stage.post_as(&token, &path, json!({ "overlap_seconds": 604_800 })).await.text("/text");
    assert_eq!(stage.get(&issued.text("/text"), &probe).await.code(), (401, "auth.api_key.rejected"));
    for text in [&second, &third] {
        assert_eq!(stage.get(text, &probe).await.status, 200);
    }
    let long = stage.post_as(&token, &path, json!({ "overlap_seconds": 604_801 })).await;
    assert_eq!((long.status, long.text("/errors/0/pointer")), (422, "/overlap_seconds".into()));
    let by_key = stage.post_as(&third, &path, json!({})).await;
    assert_eq!(by_key.code(), (403, "auth.person_required"), "no key renews itself");
    stage.delete(&token, &format!("/api-keys/{}", issued.text("/id"))).await;
    for text in [&second, &third] {
        assert_eq!(stage.get(text, &probe).await.code(), (401, "auth.api_key.revoked"));
    }
    assert_eq!(stage.post_as(&token, &path, json!({})).await.code(), (409, "auth.api_key.ended"));
    stage.api.stop().await;
}
