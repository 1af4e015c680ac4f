//! What events are made from.

use crate::caller::{Caller, across};
use reqwest::Method;
use serde_json::{Value, json};
use tryzore_crm_api::routes::routes;
use tryzore_kernel::OrganizationId;
use tryzore_testkit::{TestTenant, http::Api};

fn yoga(organization: Option<OrganizationId>) -> Value {
    json!({
        "organization_id": organization, "kind": "class", "name": "Yoga", "category": "Body",
        "difficulty": "beginner", "duration_minutes": 60, "default_spots": 12
    })
}

fn hard_yoga() -> Value {
    json!({
        "name": "Hard yoga", "description": "", "category": "Body", "difficulty": "advanced",
        "duration_minutes": 90, "default_spots": 8
    })
}

#[tokio::test]
async fn evt_02_a_template_makes_events_until_it_is_archived() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let made = manager.post("/event-templates", &yoga(Some(studio.main))).await;
    assert_eq!((made.status, &made.body["status"]), (201, &json!("active")));
    let path = format!("/event-templates/{}", made.id());
    let read = manager.get(&path).await;
    assert_eq!(
        (read.status, read.etag.as_deref(), &read.body["name"]),
        (200, Some("\"v1\""), &json!("Yoga"))
    );
    assert_eq!((&made.etag, &made.body), (&read.etag, &read.body), "creating and reading answer the same");
    assert_eq!(manager.send(Method::PUT, &path, &[], Some(&hard_yoga())).await.status, 428);
    let changed = manager.put(&path, "\"v1\"", &hard_yoga()).await;
    assert_eq!((changed.status, changed.etag.as_deref()), (200, Some("\"v2\"")));
    assert_eq!(changed.body, manager.get(&path).await.body);
    assert_eq!(manager.get("/event-templates").await.body["data"], json!([changed.body]));
    assert_eq!(manager.put(&path, "\"v1\"", &hard_yoga()).await.refusal(), (412, "request.stale"));

    let event =
        json!({ "organization_id": studio.main, "start": "2026-03-03T18:30:00", "template_id": made.id() });
    let event = |name: &str| {
        let mut event = event.clone();
        event["name"] = json!(name);
        event
    };
    let put_on = manager.post("/events", &event("Evening yoga")).await;
    assert_eq!((put_on.status, &put_on.body["spots_total"]), (201, &json!(8)));
    assert_eq!((&put_on.body["kind"], &put_on.body["name"]), (&json!("class"), &json!("Evening yoga")));

    let archived = manager.send(Method::DELETE, &path, &[("If-Match", "\"v2\"")], None).await;
    assert_eq!((archived.status, &archived.body["status"]), (200, &json!("archived")));
    assert_eq!(manager.put(&path, "\"v3\"", &hard_yoga()).await.refusal(), (409, "events.template.archived"));
    assert_eq!(manager.refused_on(&made.id()).await, ["templates.edit"]);
    let audited = "SELECT count(*) FROM governance.audit_log WHERE action = 'templates.edit'";
    assert_eq!(studio.count(audited).await, 1, "decisions and the audit trail have one name for it");
    let late = manager.post("/events", &event("Late yoga")).await;
    assert_eq!(late.refusal(), (409, "events.create.template_archived"));
    let series = json!({
        "organization_id": studio.main, "weekly": { "weekdays": ["mon"] }, "starts_on": "2026-03-02",
        "local_time": "18:30:00", "template_id": made.id()
    });
    let late = manager.post("/event-series", &series).await;
    assert_eq!(late.refusal(), (409, "events.create.template_archived"));
    let refused = manager.refused_on(&made.id()).await;
    assert_eq!(refused, ["events.create", "series.create", "templates.edit"]);
    assert!(manager.get("/event-templates").await.column("id").is_empty());
    let all = manager.get("/event-templates?with_archived=true").await;
    assert_eq!(all.column("id"), [json!(made.id())]);
    api.stop().await;
}

#[tokio::test]
async fn evt_02_each_location_has_its_own_and_only_the_owner_of_all_makes_everyones() {
    let (studio, stranger) = (TestTenant::open().await, TestTenant::open().await);
    let downtown = studio.location("Downtown").await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*", "settings.manage_franchise"]);
    let all: &[&str] = &["events.*", "settings.manage_franchise"];
    let owner = Caller::new(&api, across(&studio, &[(studio.main, all), (downtown, all)]));
    let sees = across(&studio, &[(studio.main, &["events.*"]), (downtown, &["events.view_all"])]);
    let sees = Caller::new(&api, sees);

    assert_eq!(
        manager.post("/event-templates", &yoga(None)).await.refusal(),
        (403, "events.template.tenant_wide")
    );
    let everyones = owner.post("/event-templates", &yoga(None)).await;
    assert_eq!((everyones.status, &everyones.body["organization_id"]), (201, &Value::Null));
    let there = owner.post("/event-templates", &yoga(Some(downtown))).await;
    assert_eq!(there.status, 201);
    for at in [downtown, stranger.main] {
        assert_eq!(manager.post("/event-templates", &yoga(Some(at))).await.refusal(), (404, "not_found"));
    }
    let refused = sees.post("/event-templates", &yoga(Some(downtown))).await;
    assert_eq!(refused.refusal(), (403, "rbac.permission.missing"));

    let path = format!("/event-templates/{}", there.id());
    assert_eq!(manager.get(&path).await.status, 404);
    assert_eq!(manager.put(&path, "\"v1\"", &hard_yoga()).await.refusal(), (404, "not_found"));
    assert_eq!(sees.get(&path).await.status, 200);
    assert_eq!(sees.put(&path, "\"v1\"", &hard_yoga()).await.refusal(), (403, "rbac.permission.missing"));
    assert_eq!(manager.get("/event-templates").await.column("id"), [json!(everyones.id())]);
    let page = owner.get(&format!("/event-templates?organization_id={downtown}&limit=1")).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let rest =
        owner.get(&format!("/event-templates?organization_id={downtown}&limit=1&cursor={cursor}")).await;
    assert_eq!((page.column("id").len(), rest.column("id").len()), (1, 1));
    assert_ne!(page.column("id"), rest.column("id"));

    let api_there = Api::start(&stranger, routes);
    let other = Caller::staff(&api_there, &stranger, stranger.main, &["events.*"]);
    assert_eq!(other.get(&path).await.status, 404);
    assert_eq!(other.put(&path, "\"v1\"", &hard_yoga()).await.refusal(), (404, "not_found"));
    let gone = other.send(Method::DELETE, &path, &[("If-Match", "\"v1\"")], None).await;
    assert_eq!(gone.refusal(), (404, "not_found"));
    api_there.stop().await;
    api.stop().await;
}

#[tokio::test]
async fn evt_02_each_field_that_does_not_hold_is_named() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let mut wrong = yoga(Some(studio.main));
    (wrong["name"], wrong["duration_minutes"], wrong["default_spots"]) = (json!(" "), json!(4), json!(0));
    let answer = manager.post("/event-templates", &wrong).await;
    assert_eq!(answer.wrong(), (422, vec!["/name", "/duration_minutes", "/default_spots"]));
    wrong["difficulty"] = json!("deadly");
    assert_eq!(manager.post("/event-templates", &wrong).await.wrong(), (422, vec!["/difficulty"]));
    let mut whose = yoga(None);
    whose.as_object_mut().unwrap().remove("organization_id");
    let answer = manager.post("/event-templates", &whose).await;
    assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains("missing field `organization_id`"));
    let answer = manager.get("/event-templates?archived=true").await;
    assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains("unknown field `archived`"));
    assert_eq!(
        manager.get("/event-templates?with_archived=maybe").await.wrong(),
        (422, vec!["with_archived"])
    );
    api.stop().await;
}
