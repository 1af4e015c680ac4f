//! The steps of an event that staff takes by hand: confirming, starting, excusing, taking out of the
//! line.

use crate::caller::{Caller, book, wait};
use chrono::Duration;
use reqwest::Method;
use serde_json::json;
use tryzore_crm_api::routes::routes;
use tryzore_kernel::WaitlistEntryId;
use tryzore_testkit::{TestTenant, http::Api};

#[tokio::test]
async fn evt_01_an_event_is_confirmed_and_started_by_hand_by_those_who_may() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 2, Duration::hours(1)).await;
    let api = Api::start(&studio, routes);
    let planner = Caller::staff(&api, &studio, studio.main, &["events.edit_all"]);
    let desk = Caller::staff(&api, &studio, studio.main, &["events.manage_attendance"]);
    let (confirm, start) = (format!("/events/{class}/confirm"), format!("/events/{class}/start"));

    assert_eq!(desk.post(&confirm, &json!({})).await.refusal(), (403, "rbac.permission.missing"));
    let confirmed = planner.post(&confirm, &json!({})).await;
    assert_eq!((confirmed.status, &confirmed.body["status"]), (200, &json!("confirmed")));

    assert_eq!(planner.post(&start, &json!({})).await.refusal(), (403, "rbac.permission.missing"));
    studio.clock.pass(Duration::minutes(30) - Duration::seconds(1));
    assert_eq!(desk.post(&start, &json!({})).await.status, 409, "check-in is not open");
    studio.clock.pass(Duration::seconds(1));
    let started = desk.post(&start, &json!({})).await;
    assert_eq!((started.status, &started.body["status"]), (200, &json!("in_progress")));
    let reader = Caller::staff(&api, &studio, studio.main, &["events.view_all"]);
    assert_eq!(started.body, reader.get(&format!("/events/{class}")).await.body, "one view of an event");
    let elsewhere = studio.location("Downtown").await;
    let stranger = Caller::staff(&api, &studio, elsewhere, &["events.edit_all", "events.manage_attendance"]);
    for step in [&confirm, &start] {
        assert_eq!(stranger.post(step, &json!({})).await.refusal(), (404, "not_found"));
    }
    api.stop().await;
}

#[tokio::test]
async fn evt_12_an_absence_without_a_fee_has_nothing_to_excuse_and_another_event_s_is_not_found() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 2, Duration::hours(1)).await;
    let other = studio.class(studio.main, 2, Duration::hours(1)).await;
    let ada = studio.member(studio.main).await;
    let hers = book(&studio, ada, class).await;
    let api = Api::start(&studio, routes);
    let desk = Caller::staff(&api, &studio, studio.main, &["events.manage_attendance"]);
    let excuse = format!("/events/{class}/bookings/{hers}/excuse");
    let reason = json!({"reason": "ill"});
    assert_eq!(desk.post(&excuse, &reason).await.refusal(), (409, "events.excuse.no_fee"));
    assert_eq!(desk.post(&excuse, &json!({"reason": ""})).await.wrong(), (422, vec!["/reason"]));

    studio.clock.pass(Duration::hours(1));
    let absent = desk.post(&format!("/events/{class}/bookings/{hers}/no-show"), &json!({})).await;
    assert_eq!(absent.status, 200);
    assert_ne!(absent.body["fee"]["minor"], json!(0), "{:?}", absent.body);
    let misplaced = desk.post(&format!("/events/{other}/bookings/{hers}/excuse"), &reason).await;
    assert_eq!(misplaced.refusal(), (404, "not_found"));
    let excused = desk.post(&excuse, &reason).await;
    assert_eq!((excused.status, &excused.body["excuse"]), (200, &json!("ill")));
    assert_ne!(excused.body["fee"], absent.body["fee"]);
    assert_eq!(desk.post(&excuse, &reason).await.refusal(), (409, "events.excuse.no_fee"));
    api.stop().await;
}

#[tokio::test]
async fn evt_10_someone_is_taken_out_of_the_line_and_those_behind_move_up() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(30)).await;
    let (ada, bea, cleo) = (
        studio.member(studio.main).await,
        studio.member(studio.main).await,
        studio.member(studio.main).await,
    );
    book(&studio, ada, class).await;
    wait(&studio, bea, class).await;
    wait(&studio, cleo, class).await;
    let api = Api::start(&studio, routes);
    let desk = Caller::staff(&api, &studio, studio.main, &["events.view_all", "events.manage_attendance"]);
    let line = format!("/events/{class}/waitlist");
    let first = desk.get(&line).await.column("entry_id")[0].as_str().unwrap().to_owned();
    let viewer = Caller::staff(&api, &studio, studio.main, &["events.view_all"]);
    let refused = viewer.delete(&format!("{line}/{first}"), &json!(null)).await;
    assert_eq!(refused.refusal(), (403, "rbac.permission.missing"));
    let gone = WaitlistEntryId::generate(studio.now());
    let missing = desk.send(Method::DELETE, &format!("{line}/{gone}"), &[], None).await;
    assert_eq!(missing.refusal(), (404, "not_found"));
    let removed = desk.send(Method::DELETE, &format!("{line}/{first}"), &[], None).await;
    assert_eq!(removed.status, 204);
    let left = desk.get(&line).await;
    assert_eq!(
        (left.column("client_id"), left.column("position")),
        (vec![json!(cleo.client)], vec![json!(1)])
    );
    api.stop().await;
}
