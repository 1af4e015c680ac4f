//! What screens show of clients over HTTP: the list, the last 30 days, the history (MEM-03, MEM-04, MEM-10).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on ends")]

#[allow(dead_code, reason = "each test uses its part")]
use crate::caller::{Caller, across};
use chrono::Duration;
use serde_json::json;
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{BookingId, ClientId, OrganizationId};
use tryzore_testkit::{TestTenant, http::Api, test_tenant::Member};

const ALL: &[&str] = &["clients.*"];

async fn visit(studio: &TestTenant, member: Member, at: OrganizationId, ago: Duration, status: &str) {
    let event = studio.class(at, 10, -ago).await;
    let id = BookingId::generate(studio.now());
    let insert =
        "INSERT INTO events.bookings (tenant_id, id, event_id, client_id, user_id, booking_organization_id,
                      attended_organization_id, status, status_at, is_first_timer, currency, created_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $6, $7::text, $8, false, 'EUR', $8)";
    let (now, tenant) = (studio.now() - ago, studio.tenant.uuid());
    let (client, user) = (member.client.uuid(), member.user.uuid());
    studio
        .sql
        .execute(insert, &[&tenant, &id.uuid(), &event.uuid(), &client, &user, &at.uuid(), &status, &now])
        .await
        .unwrap();
}

async fn name(studio: &TestTenant, member: Member, given: &str, family: &str) {
    let rename = "UPDATE crm.clients SET given_name = $1, family_name = $2 WHERE id = $3";
    studio.sql.execute(rename, &[&given, &family, &member.client.uuid()]).await.unwrap();
}

#[tokio::test]
async fn mem_03_the_list_is_by_name_in_pages_and_is_searched_by_what_names_start_with() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let staff = Caller::staff(&api, &studio, studio.main, ALL);
    for (given, family) in
        [("Zoe", "Álvarez"), ("Anna", "ROSSI"), ("Ugo", "Rossi"), ("Niccolò", "De Luca"), ("Suharto", "")]
    {
        let member = studio.member(studio.main).await;
        name(&studio, member, given, family).await;
    }
    let by_name = ["Zoe", "Niccolò", "Anna", "Ugo", "Suharto"];
    let mut seen = Vec::new();
    let mut path = "/clients?limit=2".to_owned();
    loop {
        let page = staff.get(&path).await;
        assert!(page.body["data"].as_array().unwrap().len() <= 2);
        seen.extend(page.column("given_name"));
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/clients?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, by_name.map(|name| json!(name)));
    for (q, found) in [
        ("ros", vec!["Anna", "Ugo"]),
        ("rossi an", vec!["Anna"]),
        ("ugo ROS", vec!["Ugo"]),
        ("niccolo", vec!["Niccolò"]),
        ("alv", vec!["Zoe"]),
        ("suh", vec!["Suharto"]),
        ("ossi", vec![]),
    ] {
        let answer = staff.get(&format!("/clients?q={}", q.replace(' ', "+"))).await;
        assert_eq!(
            answer.column("given_name"),
            found.iter().map(|name| json!(name)).collect::<Vec<_>>(),
            "{q}"
        );
    }
    let first = staff.get("/clients?q=ros&limit=1").await;
    let next = format!("/clients?q=ros&limit=1&cursor={}", first.body["next_cursor"].as_str().unwrap());
    assert_eq!(staff.get(&next).await.column("given_name"), [json!("Ugo")]);
    api.stop().await;
}

#[tokio::test]
async fn mem_03_clients_at_home_visiting_and_at_several_locations() {
    let studio = TestTenant::open().await;
    let there = studio.location("There").await;
    let api = Api::start(&studio, routes);
    let here = Caller::staff(&api, &studio, studio.main, ALL);
    let everywhere = Caller::new(&api, across(&studio, &[(studio.main, ALL), (there, ALL)]));
    let mut members = Vec::new();
    for (given, home) in [("Anna", studio.main), ("Bea", studio.main), ("Carla", there), ("Dora", there)] {
        let member = studio.member(home).await;
        name(&studio, member, given, "Rossi").await;
        members.push(member);
    }
    let [_anna, bea, carla, _dora] = members[..] else { panic!() };
    let day = Duration::days(1);
    visit(&studio, bea, studio.main, day, "attended").await;
    visit(&studio, bea, there, day * 2, "booked").await;
    visit(&studio, carla, studio.main, day * 3, "attended").await;
    // What was given back is no visit.
    visit(&studio, members[3], studio.main, day * 3, "canceled").await;

    let names = async |caller: &Caller, query: &str| {
        let answer = caller.get(&format!("/clients?{query}")).await;
        answer.column("given_name").iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let at_main = format!("organization_id={}", studio.main);
    for (presence, at_main_found, found) in [
        ("all", vec!["Anna", "Bea", "Carla"], vec!["Anna", "Bea", "Carla", "Dora"]),
        ("home", vec!["Anna", "Bea"], vec!["Anna", "Bea", "Carla", "Dora"]),
        ("visiting", vec!["Carla"], vec!["Bea", "Carla"]),
        ("multi", vec!["Bea"], vec!["Bea"]),
    ] {
        assert_eq!(names(&here, &format!("presence={presence}")).await, at_main_found, "{presence}");
        assert_eq!(
            names(&everywhere, &format!("presence={presence}&{at_main}")).await,
            at_main_found,
            "{presence}"
        );
        assert_eq!(names(&everywhere, &format!("presence={presence}")).await, found, "{presence} everywhere");
        assert_eq!(
            names(&here, &format!("presence={presence}&q=rossi")).await,
            at_main_found,
            "{presence} searched"
        );
    }
    let answer = here.get("/clients").await;
    assert_eq!(
        answer.column("is_limited"),
        [json!(false), json!(false), json!(true)],
        "of a visitor the name"
    );
    assert_eq!(answer.body["data"][1]["other_organization_ids"], json!([there]));
    assert!(answer.body["data"][1]["last_visit_at"].is_string());
    api.stop().await;
}

#[tokio::test]
async fn mem_04_the_last_30_days_by_location_and_mem_10_the_history_over_all() {
    let studio = TestTenant::open().await;
    let there = studio.location("There").await;
    let api = Api::start(&studio, routes);
    let member = studio.member(studio.main).await;
    let (day, second) = (Duration::days(1), Duration::seconds(1));
    visit(&studio, member, studio.main, day * 30, "attended").await;
    visit(&studio, member, studio.main, day * 30 + second, "attended").await;
    visit(&studio, member, studio.main, day, "attended").await;
    visit(&studio, member, studio.main, day * 2, "no_show").await;
    visit(&studio, member, there, day * 3, "attended").await;
    visit(&studio, member, there, day * 4, "canceled").await;
    visit(&studio, member, there, -day, "booked").await;

    let path = format!("/clients/{}", member.client);
    let manager = Caller::new(&api, across(&studio, &[(studio.main, ALL)]));
    let activity = manager.get(&path).await.body["activity"].clone();
    assert_eq!(activity["visits"], 3, "30 days exactly is within, a second more is not");
    assert_eq!(
        activity["locations"],
        json!([
            {"organization_id": studio.main, "name": "Main", "visits": 2, "percent": 67, "no_shows": 1},
            {"organization_id": there, "name": "There", "visits": 1, "percent": 33, "no_shows": 0},
        ])
    );
    let desk = Caller::staff(&api, &studio, studio.main, &["clients.view_all"]);
    let activity = desk.get(&path).await.body["activity"].clone();
    assert_eq!((&activity["visits"], activity["locations"].as_array().unwrap().len()), (&json!(2), 1));

    let history = format!("{path}/cross-location-history");
    let all = manager.get(&history).await;
    assert_eq!(
        all.column("status"),
        ["booked", "attended", "no_show", "attended", "canceled", "attended", "attended"]
    );
    assert_eq!(all.body["data"][0]["organization_name"], "There");
    assert_eq!(
        (&all.body["data"][0]["is_home"], &all.body["data"][1]["is_home"]),
        (&json!(false), &json!(true))
    );
    let (mut seen, mut page) = (Vec::new(), manager.get(&format!("{history}?limit=3")).await);
    loop {
        seen.extend(page.column("booking_id"));
        let Some(cursor) = page.body["next_cursor"].as_str().map(str::to_owned) else { break };
        page = manager.get(&format!("{history}?limit=3&cursor={cursor}")).await;
    }
    assert_eq!(seen, all.column("booking_id"));
    assert_eq!(desk.get(&history).await.refusal(), (403, "rbac.permission.missing"));
    let unknown = format!("/clients/{}/cross-location-history", ClientId::generate(studio.now()));
    assert_eq!(manager.get(&unknown).await.refusal(), (404, "not_found"));
    api.stop().await;
}
