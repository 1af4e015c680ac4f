//! Rooms (EVT-19), and the events in them.

use crate::caller::{Caller, across};
use reqwest::Method;
use serde_json::{Value, json};
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{EventId, UserId};
use tryzore_testkit::{TestTenant, http::Api};

fn studio_one() -> Value {
    json!({ "name": " Studio 1 ", "capacity": 12, "equipment": ["Mats", "mirrors", "mats"], "opens_at": "06:00:00",
            "closes_at": "20:00:00" })
}

fn class(studio: &TestTenant, start: &str, room: &str, spots: u32) -> Value {
    json!({ "organization_id": studio.main, "start": start, "kind": "class", "name": format!("Yoga at {start}"),
            "duration_minutes": 60, "spots_total": spots, "room_id": room })
}

fn moved(start: &str, room: Option<&str>) -> Value {
    json!({ "start": start, "name": "Yoga", "staff_user_id": null, "duration_minutes": 60, "spots_total": 12, "location": "",
            "allow_cross_location_booking": true, "room_id": room })
}

#[tokio::test]
async fn evt_19_a_room_is_made_read_changed_and_archived() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let rooms = format!("/organizations/{}/rooms", studio.main);
    let made = manager.post(&rooms, &studio_one()).await;
    assert_eq!(
        (made.status, made.etag.as_deref(), &made.body["name"]),
        (201, Some("\"v1\""), &json!("Studio 1"))
    );
    assert_eq!(made.body["equipment"], json!(["mats", "mirrors"]), "each tag once, in lower case");
    let path = format!("/rooms/{}", made.id());
    let read = manager.get(&path).await;
    assert_eq!((read.status, read.etag, read.body), (200, made.etag.clone(), made.body.clone()));

    let mut larger = studio_one();
    larger["capacity"] = json!(14);
    assert_eq!(manager.send(Method::PUT, &path, &[], Some(&larger)).await.status, 428);
    let changed = manager.put(&path, "\"v1\"", &larger).await;
    assert_eq!((changed.status, changed.etag.as_deref()), (200, Some("\"v2\"")));
    assert_eq!(manager.put(&path, "\"v1\"", &larger).await.refusal(), (412, "request.stale"));
    assert_eq!(
        manager.put(&path, "\"v2\"", &larger).await.etag.as_deref(),
        Some("\"v2\""),
        "nothing changed"
    );
    assert_eq!(manager.post(&rooms, &studio_one()).await.wrong(), (422, vec!["/name"]), "the name is taken");

    let archived = manager.send(Method::DELETE, &path, &[("If-Match", "\"v2\"")], None).await;
    assert_eq!((archived.status, &archived.body["is_archived"]), (200, &json!(true)));
    assert_eq!(manager.put(&path, "\"v3\"", &larger).await.refusal(), (409, "events.room.archived"));
    assert_eq!(manager.refused_on(&made.id()).await, ["rooms.edit"]);
    let audited = "SELECT count(*) FROM governance.audit_log WHERE action = 'rooms.edit'";
    assert_eq!(studio.count(audited).await, 1, "decisions and the audit trail have one name for it");
    let next = manager.post(&rooms, &studio_one()).await;
    assert_eq!(next.status, 201, "the name of an archived room is free");
    assert_eq!(manager.get("/rooms").await.column("id"), [json!(next.id())]);
    assert_eq!(manager.get("/rooms?with_archived=true").await.column("id").len(), 2);
    let late = manager.post("/events", &class(&studio, "2026-03-03T10:00:00", &made.id(), 12)).await;
    assert_eq!(late.refusal(), (409, "events.room.archived"));
    api.stop().await;
}

#[tokio::test]
async fn evt_19_the_fields_of_a_room_have_their_limits() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let rooms = format!("/organizations/{}/rooms", studio.main);
    let with = |field: &str, value: Value| {
        let mut room = json!({ "name": format!("Room {}", value.to_string().len()), "capacity": 1, "equipment": [], "opens_at": null, "closes_at": null });
        room[field] = value;
        room
    };
    let tags = |count: usize| json!((0..count).map(|tag| format!("tag {tag}")).collect::<Vec<_>>());
    for good in [
        with("capacity", json!(1)),
        with("capacity", json!(10_000)),
        with("name", json!("n".repeat(100))),
        with("equipment", tags(50)),
        with("equipment", json!(["t".repeat(50)])),
    ] {
        assert_eq!(manager.post(&rooms, &good).await.status, 201, "{good}");
    }
    for (bad, field) in [
        (with("capacity", json!(0)), "/capacity"),
        (with("capacity", json!(10_001)), "/capacity"),
        (with("name", json!("n".repeat(101))), "/name"),
        (with("name", json!(" ")), "/name"),
        (with("equipment", tags(51)), "/equipment"),
        (with("equipment", json!([""])), "/equipment/0"),
        (with("equipment", json!(["t".repeat(51)])), "/equipment/0"),
        (with("opens_at", json!("06:00:00")), "/closes_at"),
    ] {
        assert_eq!(manager.post(&rooms, &bad).await.wrong(), (422, vec![field]), "{bad}");
    }
    let mut hours = with("capacity", json!(3));
    (hours["name"], hours["opens_at"]) = (json!("Hall"), json!("10:00:00"));
    for (closes, status) in [("10:00:00", 422), ("10:00:01", 201)] {
        hours["closes_at"] = json!(closes);
        assert_eq!(manager.post(&rooms, &hours).await.status, status, "{closes}");
    }
    api.stop().await;
}

#[tokio::test]
async fn evt_19_who_may_not_see_an_event_does_not_learn_its_name_from_a_room() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let room = manager.post(&format!("/organizations/{}/rooms", studio.main), &studio_one()).await.id();
    let secret = manager.post("/events", &class(&studio, "2026-03-03T10:00:00", &room, 12)).await;
    assert_eq!(secret.status, 201);
    let own = manager.post("/events", &class(&studio, "2026-03-03T12:00:00", &room, 12)).await.id();
    let leader = UserId::generate(studio.now());
    let lead = "UPDATE events.events SET staff_user_id = $1 WHERE id = $2";
    let id: EventId = own.parse().unwrap();
    studio.sql.execute(lead, &[&leader.uuid(), &id.uuid()]).await.unwrap();
    let trainer =
        Caller::new(&api, studio.as_staff(leader, studio.main, &["events.view_own", "events.edit_own"]));
    let mut change = moved("2026-03-03T10:30:00", Some(&room));
    change["staff_user_id"] = json!(leader);
    let refused = trainer.put(&format!("/events/{own}"), "\"v1\"", &change).await;
    assert_eq!(refused.refusal(), (409, "events.room.taken"));
    let said = refused.body.to_string();
    assert!(!said.contains(&secret.id()) && !said.contains("Yoga at"), "{said}");
    assert!(said.contains("clash.starts_at"), "{said}");
    api.stop().await;
}

#[tokio::test]
async fn evt_19_two_events_never_overlap_in_one_room() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let room = manager.post(&format!("/organizations/{}/rooms", studio.main), &studio_one()).await.id();
    let put_on = async |start: &str| manager.post("/events", &class(&studio, start, &room, 12)).await;
    let first = put_on("2026-03-03T10:00:00").await;
    assert_eq!((first.status, &first.body["room_id"]), (201, &json!(room)));

    // A minute of overlap on either side is too much; the moment at which one ends and the other starts is none.
    for start in ["2026-03-03T09:01:00", "2026-03-03T10:00:00", "2026-03-03T10:59:00"] {
        let refused = put_on(start).await;
        assert_eq!(refused.refusal(), (409, "events.room.taken"), "{start}");
        let facts = refused.body["denial"]["because"].to_string();
        assert!(facts.contains(&first.id()) && facts.contains("Yoga at 2026-03-03T10:00:00"), "{facts}");
    }
    for start in ["2026-03-03T09:00:00", "2026-03-03T11:00:00"] {
        assert_eq!(put_on(start).await.status, 201, "{start}");
    }
    let elsewhere = manager.post("/events", &class(&studio, "2026-03-03T10:00:00", "", 12)).await;
    assert_eq!(elsewhere.status, 422, "a room id is an id");

    let path = format!("/events/{}", first.id());
    let clash = manager.put(&path, "\"v1\"", &moved("2026-03-03T11:30:00", Some(&room))).await;
    assert_eq!(clash.refusal(), (409, "events.room.taken"));
    let away = manager.put(&path, "\"v1\"", &moved("2026-03-03T11:30:00", None)).await;
    assert_eq!(
        (away.status, &away.body["room_id"], away.etag.as_deref()),
        (200, &Value::Null, Some("\"v2\""))
    );
    assert_eq!(put_on("2026-03-03T10:00:00").await.status, 201, "the room is free again");
    let back = manager.put(&path, "\"v2\"", &moved("2026-03-03T12:00:00", Some(&room))).await;
    assert_eq!((back.status, &back.body["room_id"]), (200, &json!(room)));

    let in_use =
        manager.send(Method::DELETE, &format!("/rooms/{room}"), &[("If-Match", "\"v1\"")], None).await;
    assert_eq!(in_use.refusal(), (409, "events.room.in_use"));
    let cancel = json!({ "reason": "ill" });
    assert_eq!(manager.delete(&path, &cancel).await.status, 200);
    assert_eq!(put_on("2026-03-03T12:00:00").await.status, 201, "a canceled event is in no room");
    api.stop().await;
}

#[tokio::test]
async fn evt_19_two_who_want_a_room_at_once_do_not_both_get_it() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let room = manager.post(&format!("/organizations/{}/rooms", studio.main), &studio_one()).await.id();
    let class = class(&studio, "2026-03-03T10:00:00", &room, 12);
    let all = futures::future::join_all((0..6).map(|_| manager.post("/events", &class))).await;
    let mut statuses: Vec<u16> = all.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    api.stop().await;
}

#[tokio::test]
async fn evt_19_a_room_has_space_and_hours_and_belongs_to_its_location() {
    let studio = TestTenant::open().await;
    let other = studio.location("Other").await;
    let api = Api::start(&studio, routes);
    let manager = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    let everywhere =
        Caller::new(&api, across(&studio, &[(studio.main, &["events.*"]), (other, &["events.*"])]));
    let room = manager.post(&format!("/organizations/{}/rooms", studio.main), &studio_one()).await.id();
    let too_many = manager.post("/events", &class(&studio, "2026-03-03T10:00:00", &room, 13)).await;
    assert_eq!(too_many.refusal(), (409, "events.room.too_small"));
    for (start, status) in [
        ("2026-03-03T05:59:00", 409),
        ("2026-03-03T06:00:00", 201),
        ("2026-03-03T19:00:00", 201),
        ("2026-03-04T19:01:00", 409),
    ] {
        let put_on = manager.post("/events", &class(&studio, start, &room, 12)).await;
        assert_eq!(put_on.status, status, "{start}");
    }
    let mut away = class(&studio, "2026-03-05T10:00:00", &room, 12);
    away["organization_id"] = json!(other);
    assert_eq!(everywhere.post("/events", &away).await.wrong(), (422, vec!["/room_id"]));
    let stranger = Caller::staff(&api, &studio, other, &["events.*"]);
    assert_eq!(stranger.get(&format!("/rooms/{room}")).await.status, 404);
    assert_eq!(stranger.put(&format!("/rooms/{room}"), "\"v1\"", &studio_one()).await.status, 404);
    let refused = stranger.post(&format!("/organizations/{}/rooms", studio.main), &studio_one()).await;
    assert_eq!(refused.status, 404);
    api.stop().await;
}
