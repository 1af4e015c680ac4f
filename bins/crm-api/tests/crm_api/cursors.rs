//! A cursor continues the list that it came from, with the filter that it came with, for its caller.

use crate::office::TestStaff;
use serde_json::{Value, json};
use std::collections::HashMap;
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{Cursor, EventId, UserId};
use tryzore_testkit::operator::appoint;
use tryzore_web::server::contract;

/// The lists of the contract: the paths of the operations that take a cursor.
fn lists() -> Vec<String> {
    let contract = serde_json::to_value(contract("Lists", "", routes)).unwrap();
    let takes_a_cursor = |item: &&Value| {
        let parameters = item["get"]["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "cursor"))
    };
    let paths = contract["paths"].as_object().unwrap().iter();
    paths.filter(|(_, item)| takes_a_cursor(item)).map(|(path, _)| path.clone()).collect()
}

#[tokio::test]
async fn no_list_takes_a_cursor_that_was_not_bound_to_it() {
    let office = TestStaff::open().await;
    let owner = office.as_owner();
    let views = ["platform.view_*"];
    let operator = appoint(&office.studio, &views).await;
    let operator = office.caller(operator, &[office.studio.main], &["*"]);
    let (main, id) = (office.studio.main, EventId::generate(office.studio.now()).uuid());
    let first = owner.get("/organizations?limit=1").await;
    let foreign = first.body["next_cursor"].as_str().unwrap().to_owned();
    // The bare sort keys that lists have: what a cursor was before it was bound.
    let bare = [json!(id), json!(["A", id]), json!(["2026-03-02T00:00:00Z", id])];
    let made_up = bare.iter().map(Cursor::encode).chain([foreign]);
    let needed = HashMap::from([
        ("/api/v1/events", "from=2026-03-02T00:00:00Z&to=2026-03-09T00:00:00Z&".to_owned()),
        ("/api/v1/events/cross-location", "from=2026-03-02T00:00:00Z&to=2026-03-09T00:00:00Z&".to_owned()),
        ("/api/v1/decisions", format!("object_id={main}&")),
    ]);
    let all = lists();
    assert!(all.len() >= 14, "{all:?}");
    let cursors: Vec<String> = made_up.collect();
    for path in &all {
        let needed = needed.get(path.as_str()).map_or("", String::as_str);
        let caller = if path.starts_with("/api/v1/platform") { &operator } else { &owner };
        let path =
            path.strip_prefix("/api/v1").unwrap().replace("{client_id}", &format!("cli_{}", id.simple()));
        for cursor in &cursors {
            // Another filter, for the list that the last one is of.
            let answer = caller.get(&format!("{path}?{needed}limit=2&cursor={cursor}")).await;
            if path == "/organizations" && Some(cursor) == cursors.last() {
                assert_eq!(answer.status, 200, "its own: {answer:?}");
            } else {
                assert_eq!(answer.wrong(), (422, "cursor"), "{path}: {answer:?}");
            }
        }
    }
    office.api.stop().await;
}

#[tokio::test]
async fn a_cursor_is_of_its_filter_and_of_its_caller() {
    let office = TestStaff::open().await;
    let owner = office.as_owner();
    for name in ["Abs", "Box", "Cycle"] {
        let template = json!({"organization_id": office.studio.main, "kind": "class", "name": name, "duration_minutes": 60, "default_spots": 12});
        assert_eq!(owner.post("/event-templates", &template).await.status, 201);
    }
    let main = office.studio.main;
    let list = format!("/event-templates?organization_id={main}");
    let first = owner.get(&format!("{list}&limit=1")).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = owner.get(&format!("/event-templates?limit=2&cursor={cursor}&organization_id={main}")).await;
    assert_eq!(second.rows().len(), 2, "the order of parameters and the limit may be others");
    for other in [
        format!("/event-templates?cursor={cursor}"),
        format!("{list}&with_archived=true&cursor={cursor}"),
        format!("/event-templates?organization_id={}&cursor={cursor}", office.downtown),
    ] {
        assert_eq!(owner.get(&other).await.wrong(), (422, "cursor"), "{other}");
    }
    let elsewhere = office.caller(owner.user, &[office.downtown, main], &["*"]);
    let somebody = office.caller(UserId::generate(office.studio.now()), &[main, office.downtown], &["*"]);
    for caller in [&elsewhere, &somebody] {
        assert_eq!(caller.get(&format!("{list}&cursor={cursor}")).await.wrong(), (422, "cursor"));
    }
    let later = office.caller(owner.user, &[main, office.downtown], &["*"]);
    assert_eq!(
        later.get(&format!("{list}&cursor={cursor}")).await.status,
        200,
        "another session of the same person"
    );
    office.api.stop().await;
}
