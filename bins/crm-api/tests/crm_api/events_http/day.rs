//! The day at the front desk.

use crate::caller::{Caller, book, wait};
use chrono::Duration;
use reqwest::Method;
use serde_json::json;
use tryzore_crm_api::routes::routes;
use tryzore_testkit::{TestTenant, http::Api};

#[tokio::test]
async fn evt_11_a_class_from_the_first_arrival_to_its_completion() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 2, Duration::hours(1)).await;
    let other = studio.class(studio.main, 2, Duration::hours(1)).await;
    let (ada, bea, cleo) = (
        studio.member(studio.main).await,
        studio.member(studio.main).await,
        studio.member(studio.main).await,
    );
    let (hers, missing) = (book(&studio, ada, class).await, book(&studio, bea, class).await);
    wait(&studio, cleo, class).await;
    let api = Api::start(&studio, routes);
    let desk = Caller::staff(&api, &studio, studio.main, &["events.view_all", "events.manage_attendance"]);
    let mark = async |booking, what: &str| {
        desk.post(&format!("/events/{class}/bookings/{booking}/{what}"), &json!({})).await
    };

    studio.clock.pass(Duration::minutes(30) - Duration::seconds(1));
    assert_eq!(mark(hers, "check-in").await.refusal(), (409, "events.check_in.too_early"));
    studio.clock.pass(Duration::seconds(1));
    let here = mark(hers, "check-in").await;
    assert_eq!((here.status, &here.body["status"]), (200, &json!("attended")));
    assert_eq!(here.body["is_first_timer"], true);
    assert_eq!(mark(hers, "check-in").await.body, here.body, "twice changes nothing");
    let misplaced = desk.post(&format!("/events/{other}/bookings/{missing}/check-in"), &json!({})).await;
    assert_eq!(misplaced.refusal(), (404, "not_found"));

    let roster = desk.get(&format!("/events/{class}/roster")).await;
    assert_eq!(
        (roster.status, &roster.body["spots_booked"], &roster.body["is_full"]),
        (200, &json!(2), &json!(true))
    );
    let states: Vec<_> =
        roster.body["clients"].as_array().unwrap().iter().map(|row| &row["status"]).collect();
    assert_eq!(states.iter().filter(|state| **state == "attended").count(), 1, "{states:?}");
    assert_eq!(roster.body["clients"][0]["email"], json!(null), "not for the front desk to see");
    let line = desk.get(&format!("/events/{class}/waitlist")).await;
    assert_eq!(
        (line.column("client_id"), line.column("position")),
        (vec![json!(cleo.client)], vec![json!(1)])
    );

    assert_eq!(mark(hers, "undo").await.body["status"], "booked");
    assert_eq!(mark(hers, "undo").await.refusal(), (409, "events.undo.nothing"));
    assert_eq!(mark(hers, "check-in").await.status, 200);
    let walk_in = json!({ "client_id": cleo.client });
    let full = desk.post(&format!("/events/{class}/walk-ins"), &walk_in).await;
    assert_eq!(full.refusal(), (409, "events.walk_in.full"));
    let spare = desk.post(&format!("/events/{other}/walk-ins"), &walk_in).await;
    assert_eq!((spare.status, &spare.body["status"]), (200, &json!("attended")));

    let complete = format!("/events/{class}/complete");
    assert_eq!(mark(missing, "no-show").await.refusal(), (409, "events.no_show.not_started"));
    assert_eq!(desk.post(&complete, &json!({})).await.refusal(), (409, "events.complete.not_started"));
    studio.clock.pass(Duration::minutes(30));
    let absent = mark(missing, "no-show").await;
    assert_eq!((absent.status, &absent.body["status"]), (200, &json!("no_show")));
    assert_eq!(absent.body["fee"], json!({ "minor": 2500, "currency": "EUR" }), "EVT-12");
    assert_eq!(mark(missing, "undo").await.body["fee"]["minor"], 0);
    let no_show = format!("/events/{class}/bookings/{missing}/no-show");
    assert_eq!(desk.post(&no_show, &json!({ "excuse": "" })).await.wrong(), (422, vec!["/excuse"]));
    let excused = desk.post(&no_show, &json!({ "excuse": "Ill" })).await;
    assert_eq!((&excused.body["fee"]["minor"], &excused.body["excuse"]), (&json!(0), &json!("Ill")));

    let done = desk.send(Method::POST, &complete, &[("Idempotency-Key", "done")], None).await;
    assert_eq!(done.status, 200);
    let counts =
        ["attended", "first_timers", "no_shows", "waited_in_vain"].map(|name| done.body[name].clone());
    assert_eq!(counts, [1, 1, 1, 1].map(|n| json!(n)));
    let replayed = desk.send(Method::POST, &complete, &[("Idempotency-Key", "done")], None).await;
    assert_eq!((replayed.status, replayed.body), (200, done.body));
    assert_eq!(desk.post(&complete, &json!({})).await.refusal(), (409, "events.complete.over"));
    api.stop().await;
}

#[tokio::test]
async fn evt_11_a_client_with_a_booking_is_checked_in_with_it() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::minutes(10)).await;
    let (ada, stranger) = (studio.member(studio.main).await, TestTenant::open().await);
    let booking = book(&studio, ada, class).await;
    let theirs = stranger.member(stranger.main).await;
    let api = Api::start(&studio, routes);
    let desk = Caller::staff(&api, &studio, studio.main, &["events.manage_attendance"]);
    let path = format!("/events/{class}/walk-ins");
    let here = desk.post(&path, &json!({ "client_id": ada.client })).await;
    assert_eq!((here.status, &here.body["booking_id"]), (200, &json!(booking)));
    assert_eq!(here.body["status"], "attended");
    let answer = desk.post(&path, &json!({ "client_id": theirs.client })).await;
    assert_eq!(answer.refusal(), (404, "not_found"), "of another tenant");
    assert_eq!(desk.post(&path, &json!({ "client_id": class })).await.wrong(), (422, vec!["/client_id"]));
    assert_eq!(desk.get(&format!("/events/{class}/roster")).await.status, 403, "no permission to look");
    api.stop().await;
}

#[tokio::test]
async fn evt_11_a_visitor_at_the_front_desk_is_known_by_name_to_that_desk_and_to_no_other() {
    let studio = TestTenant::open().await;
    let [home, third] = [studio.location("Home").await, studio.location("Third").await];
    let api = Api::start(&studio, routes);
    let held: &[&str] = &["events.*", "clients.view_all"];
    let desk = Caller::staff(&api, &studio, studio.main, held);
    let (visitor, class) =
        (studio.member(home).await, studio.class(studio.main, 4, Duration::minutes(20)).await);
    let path = format!("/clients/{}", visitor.client);
    assert_eq!(desk.get(&path).await.status, 404, "a client of another location");
    let walk_in = json!({ "client_id": visitor.client });
    assert_eq!(desk.post(&format!("/events/{class}/walk-ins"), &walk_in).await.status, 200);
    let seen = desk.get(&path).await;
    assert_eq!((seen.status, &seen.body["email"], &seen.body["activity"]), (200, &json!(null), &json!(null)));
    assert!(seen.body["name"].is_string() || seen.body["given_name"].is_string(), "{}", seen.body);
    assert_eq!(Caller::staff(&api, &studio, third, held).get(&path).await.status, 404);
    api.stop().await;
}
