//! Events that repeat.

use crate::caller::{Caller, across, days};
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use tryzore_crm_api::routes::routes;
use tryzore_kernel::OrganizationId;
use tryzore_testkit::{TestTenant, http::Api};

fn mondays(at: OrganizationId) -> Value {
    json!({
        "organization_id": at, "weekly": { "weekdays": ["mon"] }, "starts_on": "2026-03-02", "local_time": "18:30:00",
        "kind": "class", "name": "Yoga", "duration_minutes": 60, "spots_total": 12
    })
}

fn later() -> Value {
    json!({
        "from": "2026-03-30", "local_time": "19:00:00", "name": "Yoga", "staff_user_id": null, "duration_minutes": 60,
        "spots_total": 15, "location": "Room 2", "allow_cross_location_booking": true
    })
}

/// An id as the database stores it.
fn bare(id: &str) -> &str {
    id.rsplit_once('_').unwrap().1
}

fn without(mut body: Value, field: &str) -> Value {
    body.as_object_mut().unwrap().remove(field);
    body
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

#[tokio::test]
async fn evt_01_a_series_keeps_its_time_on_the_wall_is_split_and_ends() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let key = [("Idempotency-Key", "k1")];
    let made = manager.send(Method::POST, "/event-series", &key, Some(&mondays(studio.main))).await;
    assert_eq!((made.status, made.etag.as_deref()), (201, Some("\"v1\"")));
    let again = manager.send(Method::POST, "/event-series", &key, Some(&mondays(studio.main))).await;
    assert_eq!((again.status, &again.body), (201, &made.body));
    assert_eq!((&made.body["time_zone"], &made.body["status"]), (&json!("Europe/Rome"), &json!("active")));
    let quarter = days(&studio, 90);
    let listed = manager.get(&format!("/events?{quarter}")).await;
    let starts = listed.column("starts_at");
    assert_eq!(starts.len(), 8, "eight weeks of Mondays");
    assert_eq!((&starts[3], &starts[4]), (&json!("2026-03-23T17:30:00Z"), &json!("2026-03-30T16:30:00Z")));

    let path = format!("/event-series/{}", made.id());
    let read = manager.get(&path).await;
    assert_eq!((read.status, read.etag.as_deref()), (200, Some("\"v1\"")));
    assert_eq!(made.body, read.body, "creating and reading answer the same");
    assert_eq!(manager.send(Method::PUT, &path, &[], Some(&later())).await.status, 428);
    // Ids of one moment are in no order.
    studio.clock.pass(Duration::seconds(1));
    let split = manager.put(&path, "\"v1\"", &later()).await;
    assert_eq!((split.status, &split.body["starts_on"]), (200, &json!("2026-03-30")));
    assert_ne!(split.id(), made.id());
    let moved = format!("SELECT count(*) FROM events.events WHERE series_id = '{}'", bare(&split.id()));
    assert_eq!(studio.count(&moved).await, 4);
    assert_eq!(split.body, manager.get(&format!("/event-series/{}", split.id())).await.body);
    assert_eq!(manager.put(&path, "\"v1\"", &later()).await.refusal(), (412, "request.stale"));
    let listed = manager.get(&format!("/events?{quarter}")).await;
    let starts = listed.column("starts_at");
    assert_eq!((&starts[3], &starts[4]), (&json!("2026-03-23T17:30:00Z"), &json!("2026-03-30T17:00:00Z")));

    let tail = format!("/event-series/{}", split.id());
    let end = json!({ "last": "2026-04-06", "reason": "Summer" });
    assert_eq!(
        manager.delete(&tail, &with(end.clone(), "reason", json!(""))).await.wrong(),
        (422, vec!["/reason"])
    );
    let ended = manager.delete(&tail, &end).await;
    assert_eq!((ended.status, &ended.body["canceled"]), (200, &json!(2)));
    assert_eq!(manager.delete(&tail, &end).await.body["canceled"], 0);
    assert!(manager.get("/event-series").await.column("id").is_empty());
    let all = manager.get("/event-series?with_ended=true").await;
    assert_eq!(all.column("id"), [json!(made.id()), json!(split.id())]);
    api.stop().await;
}

#[tokio::test]
async fn evt_01_each_field_of_a_series_that_does_not_hold_is_named() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let good = || mondays(studio.main);
    let hourly = with(without(good(), "weekly"), "rule", json!("FREQ=HOURLY"));
    let cases: [(Value, &[&str]); 8] = [
        (without(good(), "weekly"), &["/rule"]),
        (with(good(), "rule", json!("FREQ=DAILY")), &["/rule"]),
        (hourly, &["/rule"]),
        (with(good(), "weekly", json!({ "weekdays": [] })), &["/weekly/weekdays"]),
        (with(good(), "weekly", json!({ "weekdays": ["someday"] })), &["/weekly/weekdays/0"]),
        (with(good(), "time_zone", json!("Europe/Atlantis")), &["/time_zone"]),
        (with(good(), "local_time", json!("25:00")), &["/local_time"]),
        (without(without(good(), "name"), "kind"), &["/kind", "/name"]),
    ];
    for (body, pointers) in cases {
        let answer = manager.post("/event-series", &body).await;
        assert_eq!(answer.wrong(), (422, pointers.to_vec()), "{body} {:?}", answer.body);
    }
    let monthly = with(without(good(), "weekly"), "rule", json!("FREQ=MONTHLY;BYDAY=1MO"));
    let monthly = manager.post("/event-series", &monthly).await;
    assert_eq!((monthly.status, &monthly.body["rule"]), (201, &json!("FREQ=MONTHLY;BYDAY=1MO")));
    assert_eq!(studio.count("SELECT count(*) FROM events.series").await, 1);
    api.stop().await;
}

#[tokio::test]
async fn a_series_elsewhere_is_refused_if_one_sees_it_and_else_does_not_exist() {
    let (studio, stranger) = (TestTenant::open().await, TestTenant::open().await);
    let downtown = studio.location("Downtown").await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let owner =
        Caller::new(&api, across(&studio, &[(studio.main, &["events.*"]), (downtown, &["events.*"])]));
    let sees = across(&studio, &[(studio.main, &["events.*"]), (downtown, &["events.view_all"])]);
    let sees = Caller::new(&api, sees);
    let there = owner.post("/event-series", &mondays(downtown)).await;
    let path = format!("/event-series/{}", there.id());
    let end = json!({ "last": "2026-04-06", "reason": "Summer" });

    assert_eq!(manager.get(&path).await.status, 404);
    assert_eq!(manager.post("/event-series", &mondays(downtown)).await.refusal(), (404, "not_found"));
    assert_eq!(manager.put(&path, "\"v1\"", &later()).await.refusal(), (404, "not_found"));
    assert_eq!(manager.delete(&path, &end).await.refusal(), (404, "not_found"));
    assert_eq!(sees.get(&path).await.status, 200);
    let missing = (403, "rbac.permission.missing");
    assert_eq!(sees.post("/event-series", &mondays(downtown)).await.refusal(), missing);
    assert_eq!(sees.put(&path, "\"v1\"", &later()).await.refusal(), missing);
    assert_eq!(sees.delete(&path, &end).await.refusal(), missing);

    let api_there = Api::start(&stranger, routes);
    let other = Caller::staff(&api_there, &stranger, stranger.main, &["events.*"]);
    assert_eq!(other.get(&path).await.status, 404);
    assert_eq!(other.put(&path, "\"v1\"", &later()).await.refusal(), (404, "not_found"));
    assert_eq!(other.delete(&path, &end).await.refusal(), (404, "not_found"));
    api_there.stop().await;
    api.stop().await;
}
