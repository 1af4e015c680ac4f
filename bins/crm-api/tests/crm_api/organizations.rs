//! Locations, their settings and hours over HTTP.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::office::TestStaff;
use serde_json::{Value, json};

fn location(name: &str, parent: Option<String>) -> Value {
    json!({
        "name": name, "address": "Via Roma 1", "time_zone": "Europe/Rome", "currency": "EUR",
        "jurisdiction": "IT", "parent_id": parent, "is_franchise_location": false,
    })
}

#[tokio::test]
async fn ten_03_a_location_opens_changes_moves_and_closes() {
    let office = TestStaff::open().await;
    let (owner, main, downtown) = (office.as_owner(), office.studio.main, office.downtown);
    let (at_main, at_downtown) = (format!("/organizations/{main}"), format!("/organizations/{downtown}"));

    let opened = owner.post("/organizations", &location("Uptown", Some(main.to_string()))).await;
    assert_eq!((opened.status, &opened.body["status"]), (201, &json!("active")));
    assert_eq!(opened.body["parent_id"], json!(main.to_string()));
    let wrong =
        owner.post("/organizations", &json!({"name": "X", "time_zone": "Mars", "currency": "EUR"})).await;
    assert_eq!(wrong.wrong(), (422, "/time_zone"));
    let names: Vec<_> =
        owner.get("/organizations").await.rows().iter().map(|row| row["name"].clone()).collect();
    assert!(names.contains(&json!("Downtown")) && names.contains(&json!("Main")), "{names:?}");

    let doors = "UPDATE tenancy.organizations SET kisi_api_key_encrypted = '\\x00' WHERE id = $1";
    office.studio.sql.execute(doors, &[&downtown.uuid()]).await.unwrap();
    let read = owner.get(&at_downtown).await;
    assert_eq!((read.status, read.etag.as_deref()), (200, Some("\"v1\"")));
    let fields = |view: &Value| view.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&opened.body), fields(&read.body), "opening and reading answer the same view");
    let moved = owner.put(&at_downtown, Some("\"v1\""), &location("Centre", Some(main.to_string()))).await;
    assert_eq!(
        (moved.status, moved.etag.as_deref(), &moved.body["name"]),
        (200, Some("\"v2\""), &json!("Centre"))
    );
    assert_eq!(moved.body["has_doors"], json!(true), "a change answers the doors as they are");
    assert_eq!(moved.body, owner.get(&at_downtown).await.body);
    let stale = owner.put(&at_downtown, Some("\"v1\""), &location("Again", None)).await;
    assert_eq!(stale.status, 412);
    assert_eq!(owner.put(&at_downtown, None, &location("Again", None)).await.status, 428);
    let cycle = owner.put(&at_main, Some("\"v1\""), &location("Main", Some(downtown.to_string()))).await;
    assert_eq!(cycle.refusal(), (409, "organizations.parent.cycle"));

    let children = owner.delete(&at_main, Some("\"v1\"")).await;
    assert_eq!(children.refusal(), (409, "organizations.close.has_children"));
    assert_eq!(owner.delete(&at_downtown, Some("\"v1\"")).await.status, 412);
    let closed = owner.delete(&at_downtown, Some("\"v2\"")).await;
    assert_eq!((closed.status, &closed.body["status"]), (200, &json!("closed")));
    assert_eq!(owner.delete(&at_downtown, Some("\"v3\"")).await.refusal(), (409, "organizations.closed"));
    office.api.stop().await;
}

#[tokio::test]
async fn ten_03_a_location_is_of_its_tenant_and_changed_by_those_who_may() {
    let (office, other) = (TestStaff::open().await, TestStaff::open().await);
    let at_main = format!("/organizations/{}", office.studio.main);
    let (stranger, clerk) = (other.as_owner(), office.as_staff(&["events.view_all"]));
    let change = location("Mine", None);

    assert_eq!(stranger.get(&at_main).await.status, 404);
    assert_eq!(stranger.get(&format!("{at_main}/settings")).await.status, 404);
    assert_eq!(stranger.get(&format!("{at_main}/analytics")).await.status, 404);
    assert_eq!(stranger.put(&at_main, Some("\"v1\""), &change).await.status, 404);
    assert_eq!(stranger.delete(&at_main, Some("\"v1\"")).await.status, 404);

    assert_eq!(clerk.get(&at_main).await.status, 200, "where one works");
    assert_eq!(clerk.get(&format!("/organizations/{}", office.downtown)).await.status, 404);
    assert_eq!(clerk.put(&at_main, Some("\"v1\""), &change).await.status, 403);
    assert_eq!(clerk.get(&format!("{at_main}/analytics")).await.status, 403);
    let counts = office.as_owner().get(&format!("{at_main}/analytics")).await;
    assert_eq!((counts.status, &counts.body["clients"]), (200, &json!(0)));
    let manager = office.as_staff(&["organizations.create_org"]);
    let root = manager.post("/organizations", &location("Background", None)).await;
    assert_eq!(root.refusal(), (403, "organizations.parent.needed"));
    office.api.stop().await;
    other.api.stop().await;
}

#[tokio::test]
async fn ten_10_settings_and_hours_are_set_and_copied() {
    let office = TestStaff::open().await;
    let (owner, main) = (office.as_owner(), office.studio.main);
    let (at_main, copy) =
        (format!("/organizations/{main}"), format!("/organizations/{}/clone-settings", office.downtown));
    let (settings, hours) = (format!("{at_main}/settings"), format!("{at_main}/hours"));

    let read = owner.get(&settings).await;
    let euros = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    assert_eq!((read.status, &read.body["settings"]["noshow_fee"]), (200, &euros(2500)));
    let etag = read.etag.clone().unwrap();
    let mut rules = read.body["settings"].clone();
    rules["cancellation_window_hours"] = json!(169);
    assert_eq!(owner.put(&settings, Some(&etag), &rules).await.wrong(), (422, "/cancellation_window_hours"));
    rules["cancellation_window_hours"] = json!(168);
    for minor in [-1, 100_000_001] {
        rules["noshow_fee"] = euros(minor);
        assert_eq!(owner.put(&settings, Some(&etag), &rules).await.wrong(), (422, "/noshow_fee/minor"));
    }
    rules["noshow_fee"] = json!({ "minor": 1, "currency": "USD" });
    let other = owner.put(&settings, Some(&etag), &rules).await;
    assert_eq!(other.wrong(), (422, "/noshow_fee/currency"), "the location takes euros");
    rules["noshow_fee"] = euros(100_000_000);
    let saved = owner.put(&settings, Some(&etag), &rules).await;
    assert_eq!((saved.status, &saved.body["settings"]), (200, &rules));
    let read = owner.get(&settings).await;
    assert_eq!((&saved.etag, &saved.body), (&read.etag, &read.body), "a change is answered as it is read");
    assert_eq!(owner.put(&settings, Some(&etag), &rules).await.status, 412);

    let etag = saved.etag.unwrap();
    let overlap = json!({"mon": [["06:00", "12:00"], ["11:00", "13:00"]]});
    assert_eq!(owner.put(&hours, Some(&etag), &overlap).await.wrong(), (422, "/mon/1"));
    let week = json!({"mon": [["06:00", "12:00"]]});
    let saved = owner.put(&hours, Some(&etag), &week).await;
    assert_eq!((saved.status, &saved.body["business_hours"]), (200, &week));
    assert_eq!(
        owner.get(&settings).await.body["now"]["state"],
        json!("closed"),
        "it is noon in Rome: the span has ended"
    );

    let copied = owner.post(&copy, &json!({"from_organization_id": main.to_string()})).await;
    assert_eq!((copied.status, &copied.body["settings"]["business_hours"]), (200, &week));
    assert_eq!(copied.body["changed"]["cancellation_window_hours"]["to"], json!(168));
    assert_eq!(copied.body["changed"]["noshow_fee"], json!({"from": euros(2500), "to": euros(100_000_000)}));
    let same = owner.post(&copy, &json!({"from_organization_id": office.downtown.to_string()})).await;
    assert_eq!(same.refusal(), (409, "organizations.clone_settings.same"));
    let clerk = office.as_staff(&["events.view_all"]);
    assert_eq!(clerk.put(&hours, Some(&etag), &week).await.status, 403);
    office.api.stop().await;
}
