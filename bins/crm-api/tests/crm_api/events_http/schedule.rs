//! What is on: made, read, changed, called off.

use crate::caller::{Caller, across, book, days, wait};
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{OrganizationId, UserId};
use tryzore_testkit::{TestTenant, http::Api};

fn yoga(at: OrganizationId) -> Value {
    json!({
        "organization_id": at, "start": "2026-03-03T18:30:00", "kind": "class", "name": "Yoga",
        "duration_minutes": 60, "spots_total": 12
    })
}

fn pilates() -> Value {
    json!({
        "start": "2026-03-03T19:30:00+01:00", "name": "Pilates", "staff_user_id": null, "duration_minutes": 45,
        "spots_total": 2, "location": "Room 2", "allow_cross_location_booking": false,
        "room_id": null
    })
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

#[tokio::test]
async fn evt_01_an_event_is_made_once_read_and_changed_by_whoever_read_it() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);

    let key = [("Idempotency-Key", "k1")];
    let made = manager.send(Method::POST, "/events", &key, Some(&yoga(studio.main))).await;
    assert_eq!(
        (made.status, &made.body["status"], &made.body["version"]),
        (201, &json!("scheduled"), &json!(1))
    );
    assert_eq!(made.body["starts_at"], "2026-03-03T17:30:00Z", "18:30 in Rome");
    assert_eq!(made.body["ends_at"], "2026-03-03T18:30:00Z");
    let again = manager.send(Method::POST, "/events", &key, Some(&yoga(studio.main))).await;
    assert_eq!((again.status, &again.body), (201, &made.body));
    assert_eq!(studio.count("SELECT count(*) FROM events.events").await, 1);

    let path = format!("/events/{}", made.id());
    let read = manager.get(&path).await;
    assert_eq!((read.status, read.etag.as_deref()), (200, Some("\"v1\"")));
    assert_eq!((&read.body["name"], &read.body["organization_name"]), (&json!("Yoga"), &json!("Main")));
    assert_eq!((&made.etag, &made.body), (&read.etag, &read.body), "creating and reading answer the same");
    assert_eq!(read.body["late_cancel_fee"], json!({ "minor": 1500, "currency": "EUR" }));

    let blind = manager.send(Method::PUT, &path, &[], Some(&pilates())).await;
    assert_eq!(blind.refusal(), (428, "request.version_missing"));
    assert_eq!(manager.put(&path, "*", &pilates()).await.status, 428, "any version is none");
    let changed = manager.put(&path, "\"v1\"", &pilates()).await;
    assert_eq!((changed.status, changed.etag.as_deref()), (200, Some("\"v2\"")));
    assert_eq!((&changed.body["name"], &changed.body["location"]), (&json!("Pilates"), &json!("Room 2")));
    assert_eq!(changed.body["starts_at"], "2026-03-03T18:30:00Z");
    assert_eq!(changed.body, manager.get(&path).await.body);
    assert_eq!(manager.put(&path, "\"v1\"", &pilates()).await.refusal(), (412, "request.stale"));
    let same = manager.put(&path, "\"v2\"", &pilates()).await;
    assert_eq!(same.etag.as_deref(), Some("\"v2\""), "nothing changed");

    let id = made.id().parse().unwrap();
    for _ in 0..2 {
        book(&studio, studio.member(studio.main).await, id).await;
    }
    let fewer = manager.put(&path, "\"v2\"", &with(pilates(), "spots_total", json!(1))).await;
    assert_eq!(fewer.refusal(), (409, "events.edit.spots_below_booked"));
    assert_eq!(fewer.body["denial"]["because"][0]["value"], 2);
    api.stop().await;
}

#[tokio::test]
async fn evt_01_each_field_that_does_not_hold_is_named() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let bare = json!({ "organization_id": studio.main, "start": "2026-03-03T18:30:00" });
    let cases: [(Value, &[&str]); 9] = [
        (bare, &["/kind", "/name", "/duration_minutes", "/spots_total"]),
        (with(yoga(studio.main), "duration_minutes", json!(4)), &["/duration_minutes"]),
        (with(yoga(studio.main), "duration_minutes", json!(70_000)), &["/duration_minutes"]),
        (with(yoga(studio.main), "spots_total", json!(10_001)), &["/spots_total"]),
        (with(yoga(studio.main), "start", json!("tomorrow")), &["/start"]),
        (with(yoga(studio.main), "start", json!("2026-03-02T12:00:00")), &["/start"]),
        // The clock jumps over it, and passes it twice.
        (with(yoga(studio.main), "start", json!("2026-03-29T02:30:00")), &["/start"]),
        (with(yoga(studio.main), "start", json!("2026-10-25T02:30:00")), &["/start"]),
        (
            with(yoga(studio.main), "staff_user_id", json!(UserId::generate(studio.now()))),
            &["/staff_user_id"],
        ),
    ];
    for (body, pointers) in cases {
        let answer = manager.post("/events", &body).await;
        assert_eq!(answer.wrong(), (422, pointers.to_vec()), "{body} {:?}", answer.body);
    }
    let color = manager.post("/events", &with(yoga(studio.main), "color", json!("red"))).await;
    assert_eq!(color.status, 422);
    assert!(color.body["errors"][0]["detail"].as_str().unwrap().contains("unknown field `color`"));
    let soon = with(yoga(studio.main), "start", json!("2026-03-02T12:00:01"));
    let soon = manager.post("/events", &soon).await;
    assert_eq!(soon.status, 201, "a second from now");

    let mut no_leader = pilates();
    no_leader.as_object_mut().unwrap().remove("staff_user_id");
    let answer = manager.put(&format!("/events/{}", soon.id()), "\"v1\"", &no_leader).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains("missing field `staff_user_id`"));
    let answer = manager.put(&format!("/events/{}", soon.id()), "v1", &pilates()).await;
    assert_eq!(answer.wrong(), (422, vec!["If-Match"]));
    assert_eq!(studio.count("SELECT count(*) FROM events.events").await, 1);
    api.stop().await;
}

#[tokio::test]
async fn evt_15_the_schedule_is_filtered_by_what_the_query_says() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let (on, off, there) = (
        studio.class(studio.main, 5, Duration::hours(2)).await,
        studio.class(studio.main, 5, Duration::hours(3)).await,
        studio.class(downtown, 5, Duration::hours(4)).await,
    );
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let off_path = format!("/events/{off}");
    assert_eq!(manager.delete(&off_path, &json!({ "reason": "Flood" })).await.status, 200);

    let week = days(&studio, 7);
    let list =
        async |caller: &Caller, more: &str| caller.get(&format!("/events?{week}{more}")).await.column("id");
    let (on, off, there) = (json!(on), json!(off), json!(there));
    assert_eq!(list(&manager, "").await, [on.clone(), off.clone()]);
    for spelled in ["canceled", "cancelled"] {
        assert_eq!(list(&manager, &format!("&status={spelled}")).await, std::slice::from_ref(&off));
    }
    assert_eq!(list(&manager, "&status=scheduled,cancelled").await, [on.clone(), off.clone()]);
    assert_eq!(list(&manager, "&status=scheduled&kind=class").await, std::slice::from_ref(&on));
    assert!(list(&manager, "&kind=tour").await.is_empty());
    assert!(list(&manager, &format!("&organization_id={downtown}")).await.is_empty(), "not hers to see");
    let owner =
        Caller::new(&api, across(&studio, &[(studio.main, &["events.*"]), (downtown, &["events.*"])]));
    assert_eq!(list(&owner, "").await, [on.clone(), off, there.clone()]);
    assert_eq!(list(&owner, &format!("&organization_id={downtown}")).await, [there]);

    let page = owner.get(&format!("/events?{week}&limit=1")).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    assert_eq!(page.column("id"), [on]);
    assert_eq!(list(&owner, &format!("&limit=5&cursor={cursor}")).await.len(), 2);

    for (more, pointer) in
        [("&status=gone", "status"), ("&status=", "status"), ("&limit=0", "limit"), ("&kind=party", "kind")]
    {
        let answer = manager.get(&format!("/events?{week}{more}")).await;
        assert_eq!(answer.wrong(), (422, vec![pointer]), "{more}");
    }
    let answer = manager.get(&format!("/events?{week}&room=2")).await;
    assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains("unknown field `room`"));
    api.stop().await;
}

#[tokio::test]
async fn an_event_is_called_off_with_a_reason_and_only_once() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    book(&studio, studio.member(studio.main).await, class).await;
    wait(&studio, studio.member(studio.main).await, class).await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let path = format!("/events/{class}");
    assert_eq!(manager.delete(&path, &json!({ "reason": " " })).await.wrong(), (422, vec!["/reason"]));
    let answer = manager.delete(&path, &json!({ "reason": "Flood" })).await;
    assert_eq!((answer.status, &answer.body), (200, &json!({ "booked": 1, "waiting": 1 })));
    let again = manager.delete(&path, &json!({ "reason": "Flood" })).await;
    assert_eq!((again.status, &again.body), (200, &json!({ "booked": 0, "waiting": 0 })));
    assert_eq!(manager.get(&path).await.body["status_reason"], "Flood");
    let edited = manager.put(&path, "\"v2\"", &pilates()).await;
    assert_eq!(edited.refusal(), (409, "events.edit.over"));
    api.stop().await;
}

#[tokio::test]
async fn whoever_leads_an_event_changes_it_and_no_other() {
    let studio = TestTenant::open().await;
    let (hers, other) = (
        studio.class(studio.main, 5, Duration::hours(5)).await,
        studio.class(studio.main, 5, Duration::hours(6)).await,
    );
    let leader = UserId::generate(studio.now());
    let lead = "UPDATE events.events SET staff_user_id = $1 WHERE id = $2";
    studio.sql.execute(lead, &[&leader.uuid(), &hers.uuid()]).await.unwrap();
    let api = Api::start(&studio, routes);
    let own = studio.as_staff(leader, studio.main, &["events.view_own", "events.edit_own"]);
    let leader_calls = Caller::new(&api, own);
    let change = with(pilates(), "staff_user_id", json!(leader));
    let path = format!("/events/{hers}");
    assert_eq!(leader_calls.put(&path, "\"v1\"", &change).await.status, 200);
    assert_eq!(leader_calls.put(&path, "\"v2\"", &pilates()).await.refusal().0, 403, "not hers to give away");
    let answer = leader_calls.put(&format!("/events/{other}"), "\"v1\"", &pilates()).await;
    assert_eq!(answer.refusal(), (403, "rbac.permission.missing"));
    assert_eq!(leader_calls.get(&format!("/events/{other}")).await.status, 404);
    api.stop().await;
}

#[tokio::test]
async fn what_is_elsewhere_is_refused_if_one_sees_it_and_else_does_not_exist() {
    let (studio, stranger) = (TestTenant::open().await, TestTenant::open().await);
    let downtown = studio.location("Downtown").await;
    let there = studio.class(downtown, 5, Duration::minutes(10)).await;
    let theirs = stranger.class(stranger.main, 5, Duration::minutes(10)).await;
    let client = studio.member(studio.main).await;
    let booking = book(&studio, studio.member(downtown).await, there).await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let sees = across(&studio, &[(studio.main, &["events.*"]), (downtown, &["clients.view_basic"])]);
    let sees = Caller::new(&api, sees);
    let nobody = Caller::staff(&api, &studio, studio.main, &["clients.view_basic"]);

    let calls = |event: tryzore_kernel::EventId| {
        let (walk_in, mark) =
            (json!({ "client_id": client.client }), format!("/events/{event}/bookings/{booking}"));
        [
            (Method::PUT, format!("/events/{event}"), pilates()),
            (Method::DELETE, format!("/events/{event}"), json!({ "reason": "Flood" })),
            (Method::POST, format!("/events/{event}/complete"), json!({})),
            (Method::POST, format!("/events/{event}/walk-ins"), walk_in),
            (Method::POST, format!("{mark}/check-in"), json!({})),
            (Method::POST, format!("{mark}/no-show"), json!({})),
            (Method::POST, format!("{mark}/undo"), json!({})),
        ]
    };
    let version = [("If-Match", "\"v1\"")];
    for (method, path, body) in calls(there) {
        let unseen = manager.send(method.clone(), &path, &version, Some(&body)).await;
        assert_eq!(unseen.refusal(), (404, "not_found"), "{method} {path}");
        let seen = sees.send(method.clone(), &path, &version, Some(&body)).await;
        assert_eq!(seen.refusal(), (403, "rbac.permission.missing"), "{method} {path}");
        let answer = nobody.send(method.clone(), &path, &version, Some(&body)).await;
        assert_eq!(answer.refusal(), (403, "rbac.permission.missing"), "{method} {path}");
    }
    for (method, path, body) in calls(theirs).into_iter().take(4) {
        let answer = sees.send(method.clone(), &path, &version, Some(&body)).await;
        assert_eq!(answer.refusal(), (404, "not_found"), "{method} {path}");
    }
    for (at, event) in [(downtown, there), (stranger.main, theirs)] {
        for tail in ["", "/roster", "/waitlist"] {
            assert_eq!(manager.get(&format!("/events/{event}{tail}")).await.status, 404, "{tail}");
        }
        assert_eq!(manager.post("/events", &yoga(at)).await.refusal(), (404, "not_found"));
    }
    assert_eq!(sees.post("/events", &yoga(downtown)).await.refusal(), (403, "rbac.permission.missing"));
    assert_eq!(nobody.get(&format!("/events?{}", days(&studio, 1))).await.status, 403);
    assert_eq!(
        studio.count("SELECT count(*) FROM events.events WHERE version = 1").await,
        1,
        "nothing changed"
    );
    api.stop().await;
}
