//! Locations as clients see them, and who teaches there.

use chrono::{Duration, SecondsFormat};
use reqwest::Client;
use serde_json::{Value, json};
use tryzore_app_api::routes::routes;
use tryzore_kernel::UserId;
use tryzore_testkit::{TestTenant, http::Api};

async fn get(api: &Api, token: &str, path: &str) -> (u16, Value) {
    let request = Client::new().get(format!("{}/api/v1{path}", api.url())).bearer_auth(token);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn ten_03_a_client_sees_where_a_location_is_and_when_it_is_open() {
    let (studio, other) = (TestTenant::open().await, TestTenant::open().await);
    let downtown = studio.location("Downtown").await;
    let closed = studio.location("Gone").await;
    let hours = json!({ "mon": [["06:00", "22:00"]] });
    studio
        .sql
        .execute(
            "UPDATE tenancy.organization_settings SET business_hours = $1 WHERE organization_id = $2",
            &[&hours, &downtown.uuid()],
        )
        .await
        .unwrap();
    studio
        .sql
        .execute("UPDATE tenancy.organizations SET address = '1 Main St' WHERE id = $1", &[&downtown.uuid()])
        .await
        .unwrap();
    studio
        .sql
        .execute("UPDATE tenancy.organizations SET status = 'closed' WHERE id = $1", &[&closed.uuid()])
        .await
        .unwrap();
    let api = Api::start(&studio, routes);
    let token = api.admit(studio.as_client(studio.member(studio.main).await, studio.main));
    let (status, one) = get(&api, &token, &format!("/organizations/{downtown}")).await;
    let expected = json!({
        "id": downtown, "name": "Downtown", "address": "1 Main St", "time_zone": "Europe/Rome",
        "business_hours": hours
    });
    assert_eq!((status, &one), (200, &expected));
    let (_, first) = get(&api, &token, "/organizations?limit=1").await;
    assert_eq!(first["data"][0], expected, "by name");
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_, rest) = get(&api, &token, &format!("/organizations?limit=10&cursor={cursor}")).await;
    let ids: Vec<_> = rest["data"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, [json!(studio.main)], "neither a closed one nor another tenant's");
    for unseen in [closed, other.main] {
        assert_eq!(get(&api, &token, &format!("/organizations/{unseen}")).await.0, 404);
    }
    api.stop().await;
}

#[tokio::test]
async fn evt_15_whoever_reads_of_an_event_reads_who_leads_it() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 5, Duration::hours(2)).await;
    let leader = UserId::generate(studio.now());
    studio
        .sql
        .execute(
            "INSERT INTO tenancy.employees (tenant_id, user_id, name, email, joined_at)
             VALUES ($1, $2, 'Grace Lee', $2::uuid || '@example.com', now())",
            &[&studio.tenant.uuid(), &leader.uuid()],
        )
        .await
        .unwrap();
    studio
        .sql
        .execute(
            "UPDATE events.events SET staff_user_id = $1 WHERE id = $2",
            &[&leader.uuid(), &class.uuid()],
        )
        .await
        .unwrap();
    let api = Api::start(&studio, routes);
    let token = api.admit(studio.as_client(studio.member(studio.main).await, studio.main));
    let book = format!("{}/api/v1/events/{class}/book", api.url());
    assert_eq!(Client::new().post(book).bearer_auth(&token).send().await.unwrap().status(), 201);
    let text = |days| (studio.now() + Duration::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let schedule = format!("/events?from={}&to={}", text(0), text(7));
    for path in [schedule, "/bookings".to_owned()] {
        let (_, page) = get(&api, &token, &path).await;
        assert_eq!(page["data"][0]["staff_name"], "Grace Lee", "{path}");
    }
    let (_, detail) = get(&api, &token, &format!("/events/{class}")).await;
    assert_eq!((&detail["staff_user_id"], &detail["staff_name"]), (&json!(leader), &json!("Grace Lee")));
    api.stop().await;
}
