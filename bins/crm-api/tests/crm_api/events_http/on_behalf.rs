//! The front desk books, cancels and puts in line for clients.

use crate::caller::{Caller, book, wait};
use chrono::Duration;
use reqwest::Method;
use serde_json::json;
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{EventId, UserId};
use tryzore_testkit::{TestTenant, http::Api};

const DESK: &[&str] = &["events.view_all", "events.manage_attendance"];

#[tokio::test]
async fn evt_07_the_front_desk_books_for_a_client_by_the_clients_own_rules_and_is_named() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let api = Api::start(&studio, routes);
    let clerk = UserId::generate(studio.now());
    studio
        .sql
        .execute(
            "INSERT INTO tenancy.employees (tenant_id, user_id, name, email, joined_at)
             VALUES ($1, $2, 'Cleo BookingContext', $2::uuid || '@example.com', now())",
            &[&studio.tenant.uuid(), &clerk.uuid()],
        )
        .await
        .unwrap();
    let desk = Caller::new(&api, studio.as_staff(clerk, studio.main, DESK));
    let bookings = format!("/events/{class}/bookings");

    let made = desk.post(&bookings, &json!({ "client_id": ada.client })).await;
    assert_eq!((made.status, &made.body["status"]), (201, &json!("booked")), "{:?}", made.body);
    assert_eq!(made.body["booked_by_user_id"], json!(clerk));
    let again = desk.post(&bookings, &json!({ "client_id": ada.client })).await;
    assert_eq!(again.refusal(), (409, "events.book.already_booked"));
    let remedy = again.body["denial"]["remedy"]["text"].as_str().unwrap();
    assert_eq!(remedy, "The client has a spot at this event already.");
    let full = desk.post(&bookings, &json!({ "client_id": bea.client })).await;
    assert_eq!(full.refusal(), (409, "events.book.full"));
    assert!(full.body["denial"]["remedy"]["text"].as_str().unwrap().starts_with("Put the client"));

    let roster = desk.get(&format!("/events/{class}/roster")).await;
    assert_eq!(roster.body["clients"][0]["booked_by_name"], "Cleo BookingContext");
    let answer = studio
        .count(&format!(
            "SELECT count(*) FROM runtime.outbox
             WHERE kind = 'events.booked' AND payload ->> 'booked_by' = '{clerk}'"
        ))
        .await;
    assert_eq!(answer, 1, "the event says who booked");
    let own = book(&studio, bea, studio.class(studio.main, 1, Duration::hours(5)).await).await;
    let by_nobody = "SELECT count(*) FROM events.bookings WHERE booked_by_user_id IS NULL AND id = ";
    assert_eq!(
        studio.count(&format!("{by_nobody}'{}'", own.uuid())).await,
        1,
        "who books themselves is not staff"
    );

    let downtown = studio.location("Downtown").await;
    let stranger = Caller::staff(&api, &studio, downtown, DESK);
    let nothing = EventId::generate(studio.now());
    for path in [bookings.clone(), format!("/events/{class}/waitlist"), format!("/events/{class}/walk-ins")] {
        let theirs = stranger.post(&path, &json!({ "client_id": bea.client })).await;
        let path = path.replace(&class.to_string(), &nothing.to_string());
        let none = stranger.post(&path, &json!({ "client_id": bea.client })).await;
        assert_eq!(theirs.refusal(), (404, "not_found"), "{path}");
        assert_eq!(theirs.body["detail"], none.body["detail"], "{path}");
    }
    api.stop().await;
}

#[tokio::test]
async fn evt_08_the_front_desk_cancels_for_a_client_and_the_first_in_line_gets_the_spot() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let (spot, other) =
        (book(&studio, ada, class).await, studio.class(studio.main, 1, Duration::hours(5)).await);
    let api = Api::start(&studio, routes);
    let desk = Caller::staff(&api, &studio, studio.main, DESK);
    let line = format!("/events/{class}/waitlist");
    let spare = desk.post(&format!("/events/{other}/waitlist"), &json!({ "client_id": bea.client })).await;
    assert_eq!(spare.refusal(), (409, "events.wait.spots_free"));
    let waits = desk.post(&line, &json!({ "client_id": bea.client })).await;
    assert_eq!((waits.status, &waits.body["position"]), (201, &json!(1)), "{:?}", waits.body);
    let rows = desk.get(&line).await;
    assert_eq!(rows.column("entry_id"), [waits.body["entry_id"].clone()]);
    assert_ne!(rows.column("added_by_user_id"), [json!(null)]);
    let again = desk.post(&line, &json!({ "client_id": bea.client })).await;
    assert_eq!(again.refusal(), (409, "events.wait.already_waiting"));

    let misplaced = desk.send(Method::DELETE, &format!("/events/{other}/bookings/{spot}"), &[], None).await;
    assert_eq!(misplaced.refusal(), (404, "not_found"));
    // Free up to two hours before the start, that moment included; a moment later it is late.
    studio.clock.pass(Duration::hours(3));
    let canceled = desk.send(Method::DELETE, &format!("/events/{class}/bookings/{spot}"), &[], None).await;
    assert_eq!((canceled.status, &canceled.body["status"]), (200, &json!("canceled")));
    assert_ne!(canceled.body["canceled_by_user_id"], json!(null));
    let next = desk.get(&format!("/clients/{}/bookings", bea.client)).await;
    assert_eq!(next.column("event_id"), [json!(class)], "promoted");
    assert_eq!(next.column("booked_by_user_id"), rows.column("added_by_user_id"));
    studio.clock.pass(Duration::microseconds(1));
    let hers = next.column("id")[0].as_str().unwrap().to_owned();
    let late = desk.send(Method::DELETE, &format!("/events/{class}/bookings/{hers}"), &[], None).await;
    assert_eq!((&late.body["status"], &late.body["fee"]["minor"]), (&json!("canceled_late"), &json!(1500)));
    let past = desk.get(&format!("/clients/{}/bookings?period=past", bea.client)).await;
    assert_eq!(past.column("fee"), [json!({ "minor": 1500, "currency": "EUR" })]);
    assert_eq!(past.column("price"), [json!({ "minor": 0, "currency": "EUR" })]);
    let twice = desk.send(Method::DELETE, &format!("/events/{class}/bookings/{hers}"), &[], None).await;
    assert_eq!(twice.refusal(), (409, "events.cancel_booking.not_booked"));
    api.stop().await;
}

#[tokio::test]
async fn evt_15_the_front_desk_sees_a_clients_bookings_at_its_own_locations() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let (soon, later) = (
        studio.class(studio.main, 5, Duration::hours(2)).await,
        studio.class(studio.main, 5, Duration::hours(9)).await,
    );
    let ada = studio.member(studio.main).await;
    book(&studio, ada, later).await;
    let first = book(&studio, ada, soon).await;
    wait(&studio, studio.member(studio.main).await, full(&studio).await).await;
    let api = Api::start(&studio, routes);
    let desk = Caller::staff(&api, &studio, studio.main, DESK);
    let path = format!("/clients/{}/bookings", ada.client);
    let upcoming = desk.get(&path).await;
    assert_eq!(upcoming.column("event_id"), [json!(soon), json!(later)], "the next first");
    let page = desk.get(&format!("{path}?limit=1")).await;
    assert_eq!(page.column("event_id"), [json!(soon)]);
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let rest = desk.get(&format!("{path}?limit=1&cursor={cursor}")).await;
    assert_eq!(rest.column("event_id"), [json!(later)]);
    assert_eq!(desk.get(&format!("{path}?period=past")).await.column("id"), [json!(null); 0]);
    let cancel = format!("/events/{soon}/bookings/{first}");
    assert_eq!(desk.send(Method::DELETE, &cancel, &[], None).await.status, 200);
    assert_eq!(desk.get(&format!("{path}?period=past")).await.column("id"), [json!(first)]);

    let elsewhere = Caller::staff(&api, &studio, downtown, DESK);
    assert_eq!(elsewhere.get(&path).await.refusal(), (404, "not_found"));
    let viewer = Caller::staff(&api, &studio, studio.main, &["events.view_all"]);
    assert_eq!(viewer.get(&path).await.refusal(), (403, "rbac.permission.missing"));
    api.stop().await;
}

async fn full(studio: &TestTenant) -> tryzore_kernel::EventId {
    let class = studio.class(studio.main, 1, Duration::hours(3)).await;
    book(studio, studio.member(studio.main).await, class).await;
    class
}
